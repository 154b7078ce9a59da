-- Begin a step, named by the variable "step": tell it, and remember when
INSERT INTO demo_step (name) VALUES (:'step');
SELECT extract(epoch FROM max(began) - min(began))::numeric(8, 1) AS elapsed FROM demo_step \gset
\warn '--' :elapsed s: :step
