/*
 * tag_typanalyze.c
 *	  ANALYZE of columns of tagsets: which keys (tag_keys.h) are how frequent.
 *
 * The most frequent keys are stored as the most common elements, as those of
 * arrays are, in the form that tag_key_print() gives them, so that pg_stats
 * shows them.  Keys of codes come with them, so that they are a histogram of
 * numbers and dates, too.
 */
#include "common/compat.h"

#include "access/detoast.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_statistic.h"
#include "catalog/pg_type.h"
#include "commands/vacuum.h"
#include "utils/builtins.h"

#include "common/merge_sort.h"
#include "tag/tag_count.h"
#include "tag/tag_fmgr.h"

/* So many times the statistics target, as for elements of arrays */
#define KEYS_PER_TARGET 10

/* Longer values would make the sample too large */
#define MAX_VALUE_SIZE	(64 * 1024)

typedef struct Element
{
	text	   *value;
	float4		share;
} Element;

/* The order that tag_selfuncs.c searches in */
static int
compare_elements(const void *a, const void *b)
{
	const text *x = ((const Element *) a)->value;
	const text *y = ((const Element *) b)->value;

	return tag_compare_bytes(VARDATA_ANY(x), VARSIZE_ANY_EXHDR(x),
							 VARDATA_ANY(y), VARSIZE_ANY_EXHDR(y));
}

static Element *
make_elements(const TagCounted *counted, uint32_t n, double rows)
{
	Element    *elements = palloc(n * sizeof(Element));

	for (uint32_t i = 0; i < n; i++)
	{
		TextOut		out;

		text_out_start(&out);
		tag_key_print(&out, &counted[i].key);
		elements[i].value = cstring_to_text_with_len(out.text, (int) out.length);
		elements[i].share = (float4) (counted[i].rows / rows);
		pfree(out.text);
	}
	merge_sort(elements, n, sizeof(Element), compare_elements);
	return elements;
}

/* As core does for elements of tsvector: the values, their shares, the smallest and the largest */
static void
store_elements(VacAttrStats *stats, const TagCounted *counted, uint32_t n, double rows)
{
	MemoryContext old = MemoryContextSwitchTo(stats->anl_context);
	Element    *elements = make_elements(counted, n, rows);
	Datum	   *values = palloc(n * sizeof(Datum));
	float4	   *numbers = palloc((n + 2) * sizeof(float4));

	for (uint32_t i = 0; i < n; i++)
	{
		values[i] = PointerGetDatum(elements[i].value);
		numbers[i] = elements[i].share;
	}
	numbers[n] = (float4) (counted[n - 1].rows / rows);
	numbers[n + 1] = (float4) (counted[0].rows / rows);
	MemoryContextSwitchTo(old);

	stats->stakind[0] = STATISTIC_KIND_MCELEM;
	stats->staop[0] = TextEqualOperator;
	stats->stacoll[0] = C_COLLATION_OID;
	stats->stanumbers[0] = numbers;
	stats->numnumbers[0] = (int) n + 2;
	stats->stavalues[0] = values;
	stats->numvalues[0] = (int) n;
	stats->statypid[0] = TEXTOID;
	stats->statyplen[0] = -1;
	stats->statypbyval[0] = false;
	stats->statypalign[0] = TYPALIGN_INT;
}

static void
compute_stats(VacAttrStats *stats, AnalyzeAttrFetchFunc fetch, int samplerows, double totalrows)
{
	uint32_t	wanted = (uint32_t) portrait_stats_target(stats) * KEYS_PER_TARGET;
	TagCount   *count = tag_count_new(wanted);
	const TagCounted *counted;
	uint32_t	n;
	double		width = 0;
	int			rows = 0;
	int			nulls = 0;

	for (int i = 0; i < samplerows; i++)
	{
		bool		isnull;
		Datum		datum;
		TagsetView	tags;
		struct varlena *value;

		portrait_analyze_delay();
		datum = fetch(stats, i, &isnull);
		if (isnull)
		{
			nulls++;
			continue;
		}
		rows++;
		width += VARSIZE_ANY(DatumGetPointer(datum));
		tag_count_row(count);
		if (toast_raw_datum_size(datum) > MAX_VALUE_SIZE)
			continue;
		value = tagset_open_datum(&tags, datum);
		tag_keys_visit(&tags, tag_count_key, count);
		tag_close(value, datum);
	}
	if (rows + nulls == 0)
		return;
	stats->stats_valid = true;
	stats->stanullfrac = (float4) ((double) nulls / (rows + nulls));
	stats->stawidth = rows > 0 ? (int) (width / rows) : 0;
	/* tagsets are taken to be all different */
	stats->stadistinct = -1.0f * (1.0f - stats->stanullfrac);
	counted = tag_count_finish(count, 2, &n);
	if (n > 0)
		store_elements(stats, counted, n, rows);
}

PORTRAIT_FUNCTION(portrait_tagset_typanalyze);
Datum
portrait_tagset_typanalyze(PG_FUNCTION_ARGS)
{
	VacAttrStats *stats = (VacAttrStats *) PG_GETARG_POINTER(0);

	stats->compute_stats = compute_stats;
	/* as for other columns, so that all need the same sample */
	if (portrait_stats_target(stats) < 0)
		portrait_stats_target(stats) = default_statistics_target;
	stats->minrows = 300 * portrait_stats_target(stats);
	PG_RETURN_BOOL(true);
}
