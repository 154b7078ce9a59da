/*
 * tag_match_func.c
 *	  tag_match() and @@: does a tagset match a rule?
 *
 * Without a time: every value counts, whatever it says of its expiry, and a
 * rule that is not bound matches nothing.  These are LEAKPROOF, so nothing
 * here raises an error that depends on a good value.  For the same with a
 * time see tag_bind_func.c.
 */
#include "tag/tag_fmgr.h"

/* Of what is fetched ahead: a row's header with a number or two, and a tagset's front */
#define AHEAD_BEFORE 64
#define AHEAD_SIZE 256
/* How far ahead that has to be to come in time */
#define AHEAD_DISTANCE 512

/*
 * Rows were mostly written one after the other, so that each ends where the
 * one before it starts, and a scan waits for memory with every row.  So ask for
 * what lies below this one: the front of the next one if they are long, else as
 * much as this one has, some rows further.  If that is something else, nothing
 * is lost.  (gcc takes a call of this for one without effect.)
 */
static inline __attribute__((always_inline)) void
fetch_ahead(const struct varlena *value)
{
	Size		size = VARSIZE_ANY(value);
	uintptr_t	from = (uintptr_t) value - Max(size, AHEAD_DISTANCE) - AHEAD_BEFORE;

	/* downwards, as the scan goes: processors follow that by themselves too */
	for (uintptr_t line = from + Min(size + AHEAD_BEFORE, AHEAD_SIZE); line > from; line -= 64)
		__builtin_prefetch((const void *) line);
}

static bool
match(FunctionCallInfo fcinfo, int tags_at, int rule_at)
{
	TagKeptArgs *kept = tag_kept_args(fcinfo);
	Datum		tags_datum = PG_GETARG_DATUM(tags_at);
	Datum		rule_datum = PG_GETARG_DATUM(rule_at);
	struct varlena *rule_value;
	struct varlena *tags_value;
	TagqueryView rule;
	TagsetView	tags;
	bool		result = false;

	rule_value = tagquery_open_kept(&rule, &kept->args[rule_at], rule_datum);
	/* a rule that is not bound saves the way to large tags */
	if (rule.unbound == 0)
	{
		tags_value = tagset_open_kept(&tags, &kept->args[tags_at], tags_datum);
		fetch_ahead(tags_value);
		result = tagquery_match(&rule, &tags, TAG_NEVER_EXPIRED);
		tag_close_kept(&kept->args[tags_at], tags_value, tags_datum);
	}
	tag_close_kept(&kept->args[rule_at], rule_value, rule_datum);
	return result;
}

/*
 * tag_match(tags tagset, rule tagquery) and tags @@ rule.  False of a rule
 * that is not bound.
 */
PORTRAIT_FUNCTION(portrait_tag_match);
Datum
portrait_tag_match(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(match(fcinfo, 0, 1));
}

/* tagquery_match(rule tagquery, tags tagset) and rule @@ tags, the same */
PORTRAIT_FUNCTION(portrait_tagquery_match);
Datum
portrait_tagquery_match(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(match(fcinfo, 1, 0));
}
