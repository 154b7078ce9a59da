/*
 * tagquery_keys_func.c
 *	  tagquery_keys(): what an index of rules finds a rule by, to read.
 */
#include "common/compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "common/merge_sort.h"
#include "tag/tag_common.h"
#include "tag/tag_fmgr.h"
#include "tag/tag_pairs.h"

/* Keys that pairs consist of, and their texts */
typedef struct Texts
{
	TagKeys		wanted;			/* sorted */
	char	  **texts;
} Texts;

static int32
find_wanted(const TagKeys *wanted, uint64_t hash)
{
	uint32_t	low = 0;
	uint32_t	high = wanted->n;

	while (low < high)
	{
		uint32_t	middle = (low + high) / 2;

		if (wanted->keys[middle] == hash)
			return (int32) middle;
		if (wanted->keys[middle] < hash)
			low = middle + 1;
		else
			high = middle;
	}
	return -1;
}

static void
note_text(void *context, const TagKey *key, bool exact)
{
	Texts	   *texts = context;
	int32		i = find_wanted(&texts->wanted, tag_key_hash(key));
	TextOut		out;

	if (i < 0 || texts->texts[i] != NULL)
		return;
	text_out_start(&out);
	tag_key_print(&out, key);
	texts->texts[i] = out.text;
}

/* All keys of a leaf, whether it is negated or not */
static void
note_leaf(const TagNode *leaf, void *context)
{
	for (int part = 0; part < tag_leaf_parts(leaf); part++)
	{
		tag_leaf_keys(leaf, part, note_text, context);
		tag_leaf_coarse_keys(leaf, part, note_text, context);
	}
	tag_leaf_level_keys(leaf, TAG_ACCESS_NUMBER_LEVEL, TAG_ACCESS_MOMENT_LEVEL, note_text, context);
}

static text *
pair_text(const Texts *texts, TagPair pair)
{
	TextOut		out;

	if (pair.a == 0)
		return cstring_to_text("true");
	text_out_start(&out);
	text_out(&out, "%s", texts->texts[find_wanted(&texts->wanted, pair.a)]);
	if (pair.b != 0)
		text_out(&out, " and %s", texts->texts[find_wanted(&texts->wanted, pair.b)]);
	return cstring_to_text_with_len(out.text, (int) out.length);
}

static void
read_list(TagCommon *common, const text *list)
{
	TagCommonEntry *entries = palloc(TAG_COMMON_MAX * sizeof(TagCommonEntry));
	CoreError	error;
	int			n = tag_common_read(VARDATA_ANY(list), VARSIZE_ANY_EXHDR(list), entries, &error);

	if (n < 0)
		core_report(&error, NULL);
	common->entries = (const uint8_t *) entries;
	common->n = (uint32_t) n;
}

static int
compare_texts(const void *a, const void *b)
{
	const text *x = DatumGetTextPP(*(const Datum *) a);
	const text *y = DatumGetTextPP(*(const Datum *) b);

	return tag_compare_bytes(VARDATA_ANY(x), VARSIZE_ANY_EXHDR(x),
							 VARDATA_ANY(y), VARSIZE_ANY_EXHDR(y));
}

/* tagquery_keys(rule tagquery, common text) -> text[]; errors: 22P02, 22023, 54000 of a bad list */
PORTRAIT_FUNCTION(portrait_tagquery_keys);
Datum
portrait_tagquery_keys(PG_FUNCTION_ARGS)
{
	TagqueryView rule;
	TagCommon	common;
	TagAccess	access;
	TagPair    *pairs;
	Texts		texts;
	Datum	   *keys;
	uint32_t	n;
	uint32_t	unique = 0;

	tagquery_open_datum(&rule, PG_GETARG_DATUM(0));
	read_list(&common, PG_GETARG_TEXT_PP(1));
	memset(&access, 0, sizeof(access));
	access.weigh = tag_common_weigh;
	access.context = &common;
	tag_access_find(&access, &rule);
	pairs = tag_pairs_of_rule(&access, &n);

	memset(&texts, 0, sizeof(texts));
	for (uint32_t i = 0; i < n; i++)
	{
		tag_keys_add(&texts.wanted, pairs[i].a);
		tag_keys_add(&texts.wanted, pairs[i].b);
	}
	tag_keys_sort(&texts.wanted, 0);
	texts.texts = palloc0((texts.wanted.n + 1) * sizeof(char *));
	tagquery_visit_leaves(&rule, note_leaf, &texts);
	keys = palloc((n + 1) * sizeof(Datum));
	for (uint32_t i = 0; i < n; i++)
		keys[i] = PointerGetDatum(pair_text(&texts, pairs[i]));
	merge_sort(keys, n, sizeof(Datum), compare_texts);
	for (uint32_t i = 0; i < n; i++)
		if (i == 0 || compare_texts(&keys[unique - 1], &keys[i]) != 0)
			keys[unique++] = keys[i];
	PG_RETURN_ARRAYTYPE_P(construct_array(keys, (int) unique, TEXTOID, -1, false, TYPALIGN_INT));
}
