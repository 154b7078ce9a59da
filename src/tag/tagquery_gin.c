/*
 * tagquery_gin.c
 *	  GIN operator class tagquery_ops: of many rules those that a tagset
 *	  matches.
 *
 * The index stores keys of pairs (tag_pairs.h).  A tagset asks for its keys,
 * their pairs, and the rules that need nothing; all that is found is matched
 * again.  Its pairs grow with the square of its tags, so past some of them
 * it asks for all pairs that start with one of its keys, and passes over
 * those whose second it does not have.
 */
#include "common/compat.h"

#include "access/gin.h"
#include "access/reloptions.h"

#include "tag/tag_common.h"
#include "tag/tag_fmgr.h"
#include "tag/tag_pairs.h"

/* Up to so many keys that can be in pairs are asked for with all their pairs */
#define PAIRED_MAX	64

/* A tagset of more keys than these has the whole index read */
#define SINGLES_MAX 8192

/* ---- options ---- */

typedef struct TagqueryGinOptions
{
	int32		vl_len_;		/* varlena length word, set by the server */
	int			common;			/* offset of the entries of a list, see below */
} TagqueryGinOptions;

/* What is stored of the option: n, and so many entries */
static Size
fill_common(const char *value, void *to)
{
	TagCommonEntry *entries = palloc(TAG_COMMON_MAX * sizeof(TagCommonEntry));
	CoreError	error;
	int32		n = tag_common_read(value, strlen(value), entries, &error);
	Size		size = sizeof(n) + n * sizeof(TagCommonEntry);

	if (n < 0)
		core_report(&error, NULL);
	if (to)
	{
		memcpy(to, &n, sizeof(n));
		memcpy((char *) to + sizeof(n), entries, n * sizeof(TagCommonEntry));
	}
	pfree(entries);
	return size;
}

static void
check_common(const char *value)
{
	if (value)
		fill_common(value, NULL);
}

PORTRAIT_FUNCTION(portrait_tagquery_gin_options);
Datum
portrait_tagquery_gin_options(PG_FUNCTION_ARGS)
{
	local_relopts *options = (local_relopts *) PG_GETARG_POINTER(0);

	init_local_reloptions(options, sizeof(TagqueryGinOptions));
	add_local_string_reloption(options, "common", "tags that rules had better not be found by",
							   "", check_common, fill_common,
							   offsetof(TagqueryGinOptions, common));
	PG_RETURN_VOID();
}

static void
read_common(TagCommon *common, FunctionCallInfo fcinfo)
{
	const char *options;
	const char *stored;
	int			offset;

	memset(common, 0, sizeof(*common));
	if (!PG_HAS_OPCLASS_OPTIONS())
		return;
	options = (const char *) PG_GET_OPCLASS_OPTIONS();
	offset = ((const TagqueryGinOptions *) options)->common;
	if (offset == 0)
		return;
	stored = options + offset;
	memcpy(&common->n, stored, sizeof(common->n));
	common->entries = (const uint8_t *) stored + sizeof(common->n);
}

/* ---- rules to keys ---- */

PORTRAIT_FUNCTION(portrait_tagquery_gin_extract_value);
Datum
portrait_tagquery_gin_extract_value(PG_FUNCTION_ARGS)
{
	Datum		datum = PG_GETARG_DATUM(0);
	int32	   *nkeys = (int32 *) PG_GETARG_POINTER(1);
	TagqueryView rule;
	struct varlena *value = tagquery_open_datum(&rule, datum);
	TagCommon	common;
	TagAccess	access;
	TagPair    *pairs;
	uint32_t	n;
	Datum	   *keys;

	read_common(&common, fcinfo);
	memset(&access, 0, sizeof(access));
	access.weigh = tag_common_weigh;
	access.context = &common;
	tag_access_find(&access, &rule);
	pairs = tag_pairs_of_rule(&access, &n);
	tag_access_free(&access);
	tag_close(value, datum);

	keys = palloc(Max(n, 1) * sizeof(Datum));
	for (uint32_t i = 0; i < n; i++)
		keys[i] = Int64GetDatum(tag_pair_key(pairs[i]));
	*nkeys = (int32) n;
	PG_RETURN_POINTER(keys);
}

/* ---- searches ---- */

/* The keys of a tagset, and those that can be in pairs, on their way to a search */
typedef struct Probe
{
	TagKeys		singles;
	TagKeys		paired;			/* sorted, so that their upper halves are, too */
	Datum	   *datums;
	bool	   *partial;
	int32		n;
} Probe;

static void
probe_key(void *context, const TagKey *key)
{
	Probe	   *probe = context;
	uint64_t	hash = tag_key_hash(key);

	tag_keys_add(tag_key_is_paired(key) ? &probe->paired : &probe->singles, hash);
}

static void
ask(Probe *probe, uint64_t a, uint64_t b, bool partial)
{
	probe->partial[probe->n] = partial;
	probe->datums[probe->n++] = Int64GetDatum(tag_pair_key((TagPair) {a, b}));
}

static void
ask_pairs(Probe *probe)
{
	const uint64_t *keys = probe->paired.keys;

	for (uint32_t i = 0; i < probe->paired.n; i++)
	{
		ask(probe, keys[i], 0, false);
		for (uint32_t j = i + 1; j < probe->paired.n; j++)
			if (tag_keys_can_pair(keys[i], keys[j]))
				ask(probe, keys[i], keys[j], false);
	}
}

PORTRAIT_FUNCTION(portrait_tagquery_gin_extract_query);
Datum
portrait_tagquery_gin_extract_query(PG_FUNCTION_ARGS)
{
	int32	   *nkeys = (int32 *) PG_GETARG_POINTER(1);
	bool	  **partial = (bool **) PG_GETARG_POINTER(3);
	Pointer   **extra = (Pointer **) PG_GETARG_POINTER(4);
	int32	   *search_mode = (int32 *) PG_GETARG_POINTER(6);
	TagsetView	tags;
	Probe	   *probe = palloc0(sizeof(Probe));
	uint32_t	paired;
	uint32_t	room;

	tagset_open_datum(&tags, PG_GETARG_DATUM(0));
	tag_keys_visit(&tags, probe_key, probe);
	tag_keys_sort(&probe->singles, 0);
	tag_keys_sort(&probe->paired, 0);
	paired = probe->paired.n;
	if (paired + probe->singles.n > SINGLES_MAX)
	{
		*nkeys = 0;
		*search_mode = GIN_SEARCH_MODE_ALL;
		PG_RETURN_POINTER(NULL);
	}
	room = 1 + probe->singles.n + paired + (paired <= PAIRED_MAX ? paired * paired / 2 : 0);
	probe->datums = palloc(room * sizeof(Datum));
	probe->partial = palloc(room * sizeof(bool));
	ask(probe, 0, 0, false);
	for (uint32_t i = 0; i < probe->singles.n; i++)
		ask(probe, probe->singles.keys[i], 0, false);
	if (paired <= PAIRED_MAX)
		ask_pairs(probe);
	else
		for (uint32_t i = 0; i < paired; i++)
			ask(probe, probe->paired.keys[i], 0, true);

	*partial = probe->partial;
	*extra = palloc(probe->n * sizeof(Pointer));
	for (int32 i = 0; i < probe->n; i++)
		(*extra)[i] = (Pointer) probe;
	*nkeys = probe->n;
	PG_RETURN_POINTER(probe->datums);
}

/* Of the pairs that start with a key, those whose second is one too, and the key alone */
PORTRAIT_FUNCTION(portrait_tagquery_gin_compare_partial);
Datum
portrait_tagquery_gin_compare_partial(PG_FUNCTION_ARGS)
{
	uint64_t	asked = (uint64_t) PG_GETARG_INT64(0);
	uint64_t	stored = (uint64_t) PG_GETARG_INT64(1);
	const Probe *probe = (const Probe *) PG_GETARG_POINTER(3);

	if (asked >> 32 != stored >> 32)
		PG_RETURN_INT32(1);
	if ((uint32_t) stored == 0 || tag_keys_have_half(&probe->paired, (uint32_t) stored))
		PG_RETURN_INT32(0);
	PG_RETURN_INT32(-1);
}

/* Some key is found, or may be, or the whole index is read */
static bool
any_found(const char *check, int32 nkeys)
{
	/* most often the server asks which keys it has to look for: the last ones first */
	for (int32 i = nkeys - 1; i >= 0; i--)
		if (check[i] != GIN_FALSE)
			return true;
	return nkeys == 0;
}

PORTRAIT_FUNCTION(portrait_tagquery_gin_consistent);
Datum
portrait_tagquery_gin_consistent(PG_FUNCTION_ARGS)
{
	const char *check = (const char *) PG_GETARG_POINTER(0);
	bool	   *recheck = (bool *) PG_GETARG_POINTER(5);

	*recheck = true;
	PG_RETURN_BOOL(any_found(check, PG_GETARG_INT32(3)));
}

PORTRAIT_FUNCTION(portrait_tagquery_gin_tri_consistent);
Datum
portrait_tagquery_gin_tri_consistent(PG_FUNCTION_ARGS)
{
	const char *check = (const char *) PG_GETARG_POINTER(0);

	PG_RETURN_GIN_TERNARY_VALUE(any_found(check, PG_GETARG_INT32(3)) ? GIN_MAYBE : GIN_FALSE);
}
