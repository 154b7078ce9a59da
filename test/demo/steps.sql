-- Steps and when they began
CREATE TABLE demo_step (
	step integer GENERATED ALWAYS AS IDENTITY,
	name text,
	began timestamptz DEFAULT clock_timestamp()
);
