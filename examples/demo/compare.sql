-- Every row of both databases in one form, whatever type the copy's columns were given.
COPY (SELECT 'customers', id, email, name, tier::text, newsletter, tags::text[], updated_at::timestamptz FROM customers ORDER BY id) TO STDOUT;
COPY (SELECT 'products', id::uuid, title, price::numeric(10,2), stock, attributes::jsonb, updated_at::timestamptz FROM products ORDER BY id::uuid) TO STDOUT;
COPY (SELECT 'orders', id, customer_id, status::text, note, placed_at::timestamptz, updated_at::timestamptz FROM orders ORDER BY id) TO STDOUT;
COPY (SELECT 'order_items', order_id, line, product_id::uuid, quantity, unit_price::numeric(10,2), updated_at::timestamptz FROM order_items ORDER BY order_id, line) TO STDOUT;
COPY (SELECT 'payments', id::uuid, order_id, method::text, amount::numeric(12,2), settled, instalments::integer[], updated_at::timestamptz FROM payments ORDER BY id::uuid) TO STDOUT;
