-- One of them
\set step 'a card'
\ir step.sql
\if :is_real
	\echo 'CARD: all that is known of the customer with the number 17850.'
	SELECT portrait_find('shop', 'card', '17850') AS customer \gset
\else
	\echo 'CARD: all that is known of somebody at risk whom all three systems know.'
	SELECT customer FROM shop.v_segment_customer AS s
	JOIN shop.identifier AS i USING (customer)
	WHERE s.segment = 'at_risk' AND i.generation = (SELECT generation FROM shop.state)
	GROUP BY customer
	ORDER BY count(DISTINCT identifier_type(identifier)) FILTER (WHERE identifier_type(identifier) IN ('card', 'account', 'openid')) DESC,
		customer LIMIT 1 \gset
\endif
\pset format unaligned
\pset tuples_only on
SELECT portrait_card_text('shop', :customer, :'lang', masked => true);
\pset tuples_only off
\pset format aligned
\echo
\echo 'WHY: the rules of a tag, up to the one that holds, and what is known for each.'
SELECT value, leaf, actual, leaf_holds AS holds FROM portrait_why('shop', :customer, 'journey.stage');
