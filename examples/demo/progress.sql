-- What ./demo watches in both databases: rows, newest change and number of changes of each table.
CREATE SCHEMA demo;
CREATE FUNCTION demo.progress(OUT name text, OUT row_count bigint, OUT newest numeric, OUT changes bigint) RETURNS SETOF record LANGUAGE plpgsql AS $$
BEGIN
    FOREACH name IN ARRAY ARRAY['customers', 'products', 'orders', 'order_items', 'payments'] LOOP
        row_count := 0; newest := 0; changes := 0;
        IF to_regclass('public.' || name) IS NOT NULL THEN
            EXECUTE format('SELECT count(*), coalesce(extract(epoch FROM max(updated_at::timestamptz)), 0) FROM public.%I', name) INTO row_count, newest;
            changes := (SELECT n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_user_tables WHERE schemaname = 'public' AND relname = name);
        END IF;
        RETURN NEXT;
    END LOOP;
END $$;
