/*
 * tag_common.c
 *	  Reading lists of common tags, and looking tags up in them.
 */
#include "tag/tag_common.h"

#include "common/merge_sort.h"

/* How common the last tag of a list is; those that are in none are less so, tag_access.c */
#define WEIGHT_LAST 0.05

/* The key of a list's one tag: of its value, or that it is there */
typedef struct OneKey
{
	uint64_t	hash;
	bool		equal;
} OneKey;

static void
find_key(void *context, const TagKey *key)
{
	OneKey	   *one = context;

	if (key->kind == TAG_KEY_EQUAL || key->kind == TAG_KEY_FALSE)
		one->equal = true;
	else if (key->kind != TAG_KEY_HAS || one->equal)
		return;
	one->hash = tag_key_hash(key);
}

/* Where the tag that starts here ends: at a comma outside of quotes */
static const char *
item_end(const char *p, const char *end)
{
	bool		quoted = false;
	size_t		length;
	int			c;

	for (; p < end; p += length)
	{
		c = tag_char_at(p, end, &length);
		if (c == ',' && !quoted)
			break;
		if (c == '\\' && quoted && p + length < end)
			p++;
		else if (*p == '"')
			quoted = !quoted;
	}
	return p;
}

static bool
read_item(const char *text, size_t length, uint64_t *key, CoreError *error)
{
	void	   *tagset = tagset_parse(text, length, error);
	TagsetView	view;
	OneKey		one = {0, false};

	if (tagset == NULL)
		return false;
	if (!tagset_open(&view, (uint8_t *) tagset + 4, (load32(tagset) >> 2) - 4, error))
		return false;
	tag_keys_visit(&view, find_key, &one);
	core_free(tagset);
	*key = one.hash;
	if (view.n == 1)
		return true;
	core_set_error(error, CORE_BAD_PARAMETER, "invalid list of common tags: \"%.*s\"",
				   (int) core_clip(text, length, 100), text);
	core_set_detail(error, "Expected one tag between two commas.");
	return false;
}

static int
compare_entries(const void *a, const void *b)
{
	const TagCommonEntry *x = a;
	const TagCommonEntry *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

int
tag_common_read(const char *text, size_t length, TagCommonEntry *entries, CoreError *error)
{
	const char *end = text + length;
	int			n = 0;
	int			unique = 0;

	if (length > TAG_COMMON_MAX_BYTES)
	{
		core_set_error(error, CORE_LIMIT, "list of common tags is too long: %zu bytes", length);
		core_set_detail(error, "It may have %d bytes.", TAG_COMMON_MAX_BYTES);
		return -1;
	}
	for (const char *p = text; p < end;)
	{
		const char *stop = item_end(p, end);

		if (!read_item(p, (size_t) (stop - p), &entries[n].key, error))
			return -1;
		n++;
		p = stop;
		if (p < end)
		{
			size_t		comma;

			tag_char_at(p, end, &comma);
			p += comma;
		}
	}
	for (int i = 0; i < n; i++)
	{
		entries[i].weight = WEIGHT_LAST * n / (i + 1);
		if (entries[i].weight > 1.0)
			entries[i].weight = 1.0;
	}
	/* the sort is stable: of a tag that is there twice the first one counts */
	merge_sort(entries, (size_t) n, sizeof(*entries), compare_entries);
	for (int i = 0; i < n; i++)
		if (i == 0 || entries[i].key != entries[i - 1].key)
			entries[unique++] = entries[i];
	return unique;
}

double
tag_common_weigh(void *context, uint64_t key, double look)
{
	const TagCommon *common = context;
	uint32_t	low = 0;
	uint32_t	high = common->n;
	TagCommonEntry entry;

	while (low < high)
	{
		uint32_t	middle = (low + high) / 2;

		memcpy(&entry, common->entries + middle * sizeof(entry), sizeof(entry));
		if (entry.key == key)
			return entry.weight > look ? entry.weight : look;
		if (entry.key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return look;
}
