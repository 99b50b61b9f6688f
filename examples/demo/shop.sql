-- The shop of ./demo: five related tables, filled, and a procedure that keeps them busy.
CREATE TYPE customer_tier AS ENUM ('bronze', 'silver', 'gold');
CREATE TYPE order_status AS ENUM ('placed', 'paid', 'shipped', 'returned');
CREATE TYPE payment_method AS ENUM ('card', 'transfer', 'voucher');

CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE,
    name varchar(80) NOT NULL,
    tier customer_tier NOT NULL DEFAULT 'bronze',
    newsletter boolean NOT NULL DEFAULT false,
    tags text[] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE products (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    title text NOT NULL,
    price numeric(10,2) NOT NULL,
    stock integer NOT NULL,
    attributes jsonb,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE orders (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers,
    status order_status NOT NULL DEFAULT 'placed',
    note text,
    placed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE TABLE order_items (
    order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    line smallint NOT NULL,
    product_id uuid NOT NULL REFERENCES products,
    quantity integer NOT NULL,
    unit_price numeric(10,2) NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (order_id, line)
);
CREATE TABLE payments (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id bigint NOT NULL REFERENCES orders ON DELETE CASCADE,
    method payment_method NOT NULL,
    amount numeric(12,2) NOT NULL,
    settled boolean NOT NULL DEFAULT false,
    instalments integer[],
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ON payments (order_id);

SELECT setseed(0.5);
INSERT INTO customers (email, name, tier, newsletter, tags)
SELECT 'customer' || i || '@example.org', 'Customer ' || i, (ARRAY['bronze','silver','gold'])[1 + i % 3]::customer_tier,
       i % 4 = 0, CASE WHEN i % 5 = 0 THEN ARRAY['vip', 'says "hello, {you}"'] WHEN i % 2 = 0 THEN ARRAY['new'] ELSE '{}' END
FROM generate_series(1, 3000) i;
INSERT INTO products (title, price, stock, attributes)
SELECT 'Product ' || i || ' – naïve édition', round((random() * 500)::numeric, 2), 1000 + i,
       CASE WHEN i % 7 <> 0 THEN jsonb_build_object('weight', i / 10.0, 'colours', jsonb_build_array('red', 'green'), 'fragile', i % 3 = 0) END
FROM generate_series(1, 500) i;
INSERT INTO orders (customer_id, status, note)
SELECT 1 + (random() * 2999)::int, (ARRAY['placed','paid','shipped'])[1 + i % 3]::order_status, CASE WHEN i % 10 = 0 THEN 'Leave it at the neighbour''s' END
FROM generate_series(1, 8000) i;
CREATE TEMP TABLE shelf AS SELECT row_number() OVER () AS n, id, price FROM products;
INSERT INTO order_items (order_id, line, product_id, quantity, unit_price)
SELECT o.id, l, s.id, 1 + (o.id % 4)::int, s.price
FROM orders o CROSS JOIN generate_series(1, 2) l JOIN shelf s ON s.n = 1 + (o.id * 7 + l * 13) % 500;
INSERT INTO payments (order_id, method, amount, settled, instalments)
SELECT o.id, (ARRAY['card','transfer','voucher'])[1 + o.id % 3]::payment_method, sum(i.quantity * i.unit_price), o.status = 'shipped',
       CASE WHEN o.id % 6 = 0 THEN ARRAY[30, 60, 90] END
FROM orders o JOIN order_items i ON i.order_id = o.id GROUP BY o.id;

-- A busy shop: orders come in, are paid, shipped and returned, prices and stock change, old orders go.
CREATE PROCEDURE shop_traffic(seconds numeric, per_second int) LANGUAGE plpgsql AS $$
DECLARE
    until timestamptz := clock_timestamp() + seconds * interval '1 second';
    began timestamptz := clock_timestamp();
    round int := 0;
    someone bigint;
    new_order bigint;
BEGIN
    WHILE clock_timestamp() < until LOOP
        round := round + 1;
        someone := 1 + floor(random() * 3000);
        INSERT INTO orders (customer_id, note)
            VALUES (someone, CASE WHEN round % 9 = 0 THEN 'round ' || round END)
            RETURNING id INTO new_order;
        INSERT INTO order_items (order_id, line, product_id, quantity, unit_price)
            SELECT new_order, row_number() OVER (), id, 1 + (random() * 5)::int, price
            FROM (SELECT id, price FROM products ORDER BY random() LIMIT 3) AS basket;
        INSERT INTO payments (order_id, method, amount, instalments)
            SELECT new_order, 'card', sum(quantity * unit_price), CASE WHEN round % 2 = 0 THEN ARRAY[round, NULL, -round] END
            FROM order_items WHERE order_id = new_order;
        UPDATE products SET stock = stock - i.quantity, updated_at = clock_timestamp()
            FROM order_items i WHERE i.order_id = new_order AND products.id = i.product_id;
        UPDATE orders SET status = 'paid', updated_at = clock_timestamp() WHERE id = new_order - 5;
        UPDATE payments SET settled = true, updated_at = clock_timestamp() WHERE order_id = new_order - 5;
        UPDATE orders SET status = 'shipped', updated_at = clock_timestamp() WHERE id = new_order - 20;
        IF round % 3 = 0 THEN
            UPDATE customers SET tier = 'gold', tags = tags || ('round ' || round), newsletter = NOT newsletter, updated_at = clock_timestamp()
                WHERE id = someone;
        END IF;
        IF round % 2 = 0 THEN
            DELETE FROM orders WHERE id = (round / 2) * 3;     -- with its items and payments
        END IF;
        IF round % 20 = 0 THEN
            INSERT INTO customers (email, name) VALUES ('walk-in' || round || '@example.org', 'Walk-in ' || round);
            UPDATE products SET price = price + 0.01, attributes = attributes || jsonb_build_object('round', round), updated_at = clock_timestamp()
                WHERE id IN (SELECT product_id FROM order_items WHERE order_id = new_order);
        END IF;
        COMMIT;
        PERFORM pg_sleep(greatest(0, extract(epoch FROM began - clock_timestamp()) + round::numeric / per_second));
    END LOOP;
END $$;
