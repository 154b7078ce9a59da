/*
 * tag_bind_func.c
 *	  tag_bind(), and tag_match() at a time: time zones are the server's.
 *
 * A rule is bound once for all rows that ask for the same rule, time and zone.
 */
#include "tag/tag_fmgr.h"

#include "pgtime.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "tag/tagquery_bind.h"

/* ---- zones ---- */

static int64_t
zone_wall(void *context, int64_t moment)
{
	struct pg_tm tm;
	fsec_t		fsec;
	int			west;

	if (timestamp2tm(moment, &west, &tm, &fsec, NULL, context) != 0)
		core_throw(CORE_OUT_OF_RANGE, NULL, "timestamp out of range");
	return moment - (int64_t) west * USECS_PER_SEC;
}

static int64_t
zone_moment(void *context, int64_t wall)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(wall, NULL, &tm, &fsec, NULL, NULL) != 0)
		core_throw(CORE_OUT_OF_RANGE, NULL, "timestamp out of range");
	return wall + (int64_t) DetermineTimeZoneOffset(&tm, context) * USECS_PER_SEC;
}

void
tag_zone_named(TagZone *zone, const text *name)
{
	char	   *known_as = text_to_cstring(name);
	pg_tz	   *tz = pg_tzset(known_as);

	if (tz == NULL || !pg_tz_acceptable(tz))
		core_throw(CORE_BAD_PARAMETER, "Names of time zones are like Asia/Shanghai, see pg_timezone_names.",
				   "time zone \"%.*s\" not recognized",
				   (int) core_clip(known_as, strlen(known_as), 100), known_as);
	pfree(known_as);
	*zone = (TagZone) {zone_wall, zone_moment, tz};
}

void
tag_check_as_of(TimestampTz as_of)
{
	if (as_of < TAG_MOMENT_MIN || as_of > TAG_MOMENT_MAX)
		core_throw(CORE_OUT_OF_RANGE, "as_of is a time from the year 1 to 9999.",
				   "time of a tagquery out of range: %s", timestamptz_to_str(as_of));
}

/* The bound rule, in the current context */
static struct varlena *
bind_rule(const TagqueryView *rule, TimestampTz as_of, const TagZone *zone)
{
	CoreError	error;
	struct varlena *bound = tagquery_bind(rule, as_of, zone, &error);

	if (bound == NULL)
		core_report(&error, NULL);
	return bound;
}

/*
 * tag_bind(rule tagquery, as_of timestamptz, time_zone text): the rule with
 * constants in place of all that asks for the time.  segment() and did() stay.
 * An unknown zone is 22023, a time that is infinite or out of range 22003.
 */
PORTRAIT_FUNCTION(portrait_tag_bind);
Datum
portrait_tag_bind(PG_FUNCTION_ARGS)
{
	TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(1);
	TagZone		zone;
	TagqueryView rule;
	struct varlena *value;

	tag_zone_named(&zone, PG_GETARG_TEXT_PP(2));
	tag_check_as_of(as_of);
	value = tagquery_open_datum(&rule, PG_GETARG_DATUM(0));
	if (!(rule.unbound & TAGQUERY_TIME))
		PG_RETURN_POINTER(value);
	PG_RETURN_POINTER(bind_rule(&rule, as_of, &zone));
}

/* ---- matching at a time ---- */

/* What tag_match() keeps from call to call */
typedef struct Asked
{
	TagKept		tags;
	TagKept		rule;

	/* the last question, all in its own context, reset with it */
	MemoryContext context;
	struct varlena *asked;		/* the rule; NULL before the first */
	text	   *time_zone;
	TimestampTz as_of;
	TagqueryView bound;
} Asked;

static Asked *
asked_before(FunctionCallInfo fcinfo)
{
	MemoryContext context = fcinfo->flinfo->fn_mcxt;
	Asked	   *asked = fcinfo->flinfo->fn_extra;

	if (asked == NULL)
	{
		asked = MemoryContextAllocZero(context, sizeof(Asked));
		tag_keep(&asked->tags, context);
		tag_keep(&asked->rule, context);
		asked->context = AllocSetContextCreate(context, "tag_match", ALLOCSET_SMALL_SIZES);
		fcinfo->flinfo->fn_extra = asked;
	}
	return asked;
}

static bool
same_bytes(const struct varlena *a, const struct varlena *b)
{
	return VARSIZE_ANY_EXHDR(a) == VARSIZE_ANY_EXHDR(b) &&
		memcmp(VARDATA_ANY(a), VARDATA_ANY(b), VARSIZE_ANY_EXHDR(a)) == 0;
}

static void *
copy_of(const struct varlena *value)
{
	void	   *copy = palloc(VARSIZE_ANY(value));

	memcpy(copy, value, VARSIZE_ANY(value));
	return copy;
}

static void
check_resolved(const TagqueryView *rule)
{
	if (rule->unbound & (TAGQUERY_SEGMENTS | TAGQUERY_EVENTS))
		core_throw(CORE_BAD_PARAMETER,
				   "Only tag_segment() knows of segments and of events, by its resolver.",
				   "tag_match cannot answer a tagquery with %s",
				   rule->unbound & TAGQUERY_SEGMENTS ? "segment()" : "did()");
}

/* Another question than before: bind the rule and remember it */
static void
ask(Asked *asked, const TagqueryView *rule, const struct varlena *value, TimestampTz as_of,
	const text *time_zone)
{
	MemoryContext old;
	TagZone		zone;
	struct varlena *copy;

	asked->asked = NULL;
	MemoryContextReset(asked->context);
	old = MemoryContextSwitchTo(asked->context);
	tag_check_as_of(as_of);
	tag_zone_named(&zone, time_zone);
	check_resolved(rule);
	copy = copy_of(value);
	asked->time_zone = copy_of(time_zone);
	asked->as_of = as_of;
	if (rule->unbound & TAGQUERY_TIME)
		tagquery_open_datum(&asked->bound, PointerGetDatum(bind_rule(rule, as_of, &zone)));
	else
		tagquery_open_datum(&asked->bound, PointerGetDatum(copy));
	asked->asked = copy;
	MemoryContextSwitchTo(old);
}

/*
 * tag_match(tags tagset, rule tagquery, as_of timestamptz, time_zone text):
 * values that have expired at as_of are not there, and what asks for the time
 * is answered as of then.  Errors are those of tag_bind(); of a rule with
 * segment() or did(), 22023.
 */
PORTRAIT_FUNCTION(portrait_tag_match_at);
Datum
portrait_tag_match_at(PG_FUNCTION_ARGS)
{
	Asked	   *asked = asked_before(fcinfo);
	Datum		tags_datum = PG_GETARG_DATUM(0);
	Datum		rule_datum = PG_GETARG_DATUM(1);
	TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(2);
	text	   *time_zone = PG_GETARG_TEXT_PP(3);
	TagqueryView rule;
	TagsetView	tags;
	struct varlena *rule_value;
	struct varlena *tags_value;
	bool		result;

	rule_value = tagquery_open_kept(&rule, &asked->rule, rule_datum);
	if (asked->asked == NULL || asked->as_of != as_of ||
		!same_bytes(asked->time_zone, time_zone) || !same_bytes(asked->asked, rule_value))
		ask(asked, &rule, rule_value, as_of, time_zone);
	tag_close_kept(&asked->rule, rule_value, rule_datum);

	tags_value = tagset_open_kept(&tags, &asked->tags, tags_datum);
	result = tagquery_match(&asked->bound, &tags, as_of);
	tag_close_kept(&asked->tags, tags_value, tags_datum);
	PG_FREE_IF_COPY(time_zone, 3);
	PG_RETURN_BOOL(result);
}
