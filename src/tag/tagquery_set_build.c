/*
 * tagquery_set_build.c
 *	  The records of a compiled set: made from rows, or taken from outside.
 */
#include "common/merge_sort.h"
#include "tag/tagquery_set.h"

#define INTERRUPT_ROWS 1024

/* ---- rows ---- */

static int
compare_rows(const void *left, const void *right)
{
	const TagquerySetRow *a = left;
	const TagquerySetRow *b = right;
	int			order = tag_compare_bytes(a->rule, a->rule_size, b->rule, b->rule_size);

	return order != 0 ? order : (a->id > b->id) - (a->id < b->id);
}

static inline bool
same_rule(const TagquerySetRow *a, const TagquerySetRow *b)
{
	return a->rule_size == b->rule_size && memcmp(a->rule, b->rule, a->rule_size) == 0;
}

/* Drop doubles from sorted rows; how many are left, how many rules, and their bytes as records */
static size_t
unique_rows(TagquerySetRow *rows, size_t n, size_t *nrules, size_t *bytes)
{
	size_t		kept = 0;

	*nrules = 0;
	*bytes = 0;
	for (size_t i = 0; i < n; i++)
	{
		bool		same = kept > 0 && same_rule(&rows[kept - 1], &rows[i]);

		if (i % INTERRUPT_ROWS == 0)
			core_interrupt();
		if (same && rows[kept - 1].id == rows[i].id)
			continue;
		rows[kept++] = rows[i];
		*bytes += 8;
		if (!same)
		{
			(*nrules)++;
			*bytes += 4 + (size_t) rows[i].rule_size;
		}
	}
	return kept;
}

/* Records and their ends; rows are sorted, without doubles */
static void
write_records(const TagquerySetRow *rows, size_t n, uint8_t *ends, uint8_t *records)
{
	uint8_t    *p = records;
	size_t		next;

	for (size_t i = 0; i < n; i = next)
	{
		if (i % INTERRUPT_ROWS == 0)
			core_interrupt();
		for (next = i + 1; next < n && same_rule(&rows[i], &rows[next]);)
			next++;
		store32(p, (uint32_t) (next - i));
		p += 4;
		for (size_t j = i; j < next; j++, p += 8)
			store64(p, (uint64_t) rows[j].id);
		memcpy(p, rows[i].rule, rows[i].rule_size);
		p += rows[i].rule_size;
		store32(ends, (uint32_t) (p - records));
		ends += 4;
	}
}

void *
tagquery_set_make(TagquerySetRow *rows, size_t n)
{
	size_t		nrules;
	size_t		bytes;
	size_t		size;
	uint8_t    *binary;
	void	   *value;

	merge_sort(rows, n, sizeof(TagquerySetRow), compare_rows);
	n = unique_rows(rows, n, &nrules, &bytes);
	size = TAGQUERY_SET_HEADER + nrules * 4 + bytes;
	if (size > TAGQUERY_SET_MAX_SIZE)
		tagquery_set_too_large();
	binary = core_alloc(size);
	memset(binary, 0, TAGQUERY_SET_HEADER);
	binary[0] = TAGQUERY_SET_VERSION;
	store32(binary + 4, (uint32_t) nrules);
	store32(binary + 8, (uint32_t) bytes);
	store64(binary + 12, n);
	write_records(rows, n, binary + TAGQUERY_SET_HEADER,
				  binary + TAGQUERY_SET_HEADER + nrules * 4);
	value = tagquery_set_finish(binary, size);
	core_free(binary);
	return value;
}

/* ---- from outside ---- */

static bool
wrong(CoreError *error, CoreErrorCode code, const char *what, uint32_t i)
{
	core_set_error(error, code, "invalid value for type tagquery_set");
	core_set_detail(error, "Rule %u %s.", i + 1, what);
	return false;
}

/* One record by itself; tagquery_set_record() has not been asked yet */
static bool
check_record(const TagquerySetView *view, uint32_t i, TagquerySetRecord *record,
			 CoreErrorCode code, CoreError *error)
{
	uint32_t	start = i == 0 ? 0 : load32(view->ends + (size_t) (i - 1) * 4);
	uint32_t	end = load32(view->ends + (size_t) i * 4);

	/* starts were looked at as the ends before them */
	if (end < start || end > view->records_size || end - start < 4 ||
		load32(view->records + start) > (end - start - 4) / 8)
		return wrong(error, code, "is cut off", i);
	tagquery_set_record(view, i, record);
	if (record->n == 0)
		return wrong(error, code, "has no id", i);
	for (uint32_t j = 1; j < record->n; j++)
	{
		if (j % INTERRUPT_ROWS == 0)
			core_interrupt();
		if ((int64_t) load64(record->ids + (size_t) j * 8) <=
			(int64_t) load64(record->ids + (size_t) (j - 1) * 8))
			return wrong(error, code, "has ids in disorder", i);
	}
	return tagquery_check(record->rule, record->rule_size, code, error);
}

static bool
check_records(const TagquerySetView *view, CoreErrorCode code, CoreError *error)
{
	TagquerySetRecord before = {0};
	TagquerySetRecord record;
	uint64_t	count = 0;
	size_t		bytes = 0;

	for (uint32_t i = 0; i < view->n; i++)
	{
		core_interrupt();
		if (!check_record(view, i, &record, code, error))
			return false;
		if (i > 0 && tag_compare_bytes(before.rule, before.rule_size,
									   record.rule, record.rule_size) >= 0)
			return wrong(error, code, "is not above the one before", i);
		count += record.n;
		bytes = load32(view->ends + (size_t) i * 4);
		before = record;
	}
	if (count == view->count && bytes == view->records_size)
		return true;
	core_set_error(error, code, "invalid value for type tagquery_set");
	core_set_detail(error, "Its header tells other numbers than its rules.");
	return false;
}

void *
tagquery_set_read(const void *binary, size_t size, CoreErrorCode code, CoreError *error)
{
	TagquerySetView view;
	const char *problem = tagquery_set_open_records(&view, binary, size);

	if (problem == NULL && tagquery_set_binary_size(&view) != size)
		problem = "bytes behind the rules";
	if (problem != NULL)
	{
		core_set_error(error, code, "invalid value for type tagquery_set");
		core_set_detail(error, "It has %s.", problem);
		return NULL;
	}
	if (!check_records(&view, code, error))
		return NULL;
	return tagquery_set_finish(binary, size);
}
