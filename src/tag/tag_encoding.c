/*
 * tag_encoding.c
 *	  Names and texts between the encodings of the database and the client: the
 *	  binary forms are in the client's, as that of text is.
 *
 * What is converted is put together anew, as the order of names, values and
 * leaves is that of their bytes, and so another one in another encoding.
 */
#include "tag/tag_fmgr.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "tag/tag_tree.h"
#include "tag/tagquery_set_fmgr.h"
#include "tag/tagset_build.h"

bool
tag_client_differs(void)
{
	return pg_get_client_encoding() != GetDatabaseEncoding();
}

static const char *
target_encoding(bool receive)
{
	return receive ? GetDatabaseEncodingName() : pg_get_client_encoding_name();
}

/* A name (of a tag, segment or event) or a text, of at most so many bytes, in the other encoding */
static const char *
convert_bytes(const char *text, uint32_t *length, uint32_t most, bool receive)
{
	uint32_t	before = *length;
	char	   *converted = receive ? pg_client_to_server(text, (int) *length) :
		pg_server_to_client(text, (int) *length);
	const char *ours;

	if (converted != text)
		*length = (uint32_t) strlen(converted);
	if (*length > most)
	{
		ours = receive ? converted : text;
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("%s in a tagset or tagquery is too long in encoding %s: \"%.*s\" has %u bytes",
						most == TAG_NAME_MAX ? "name" : "text", target_encoding(receive),
						(int) core_clip(ours, receive ? *length : before, 100), ours, *length),
				 errdetail("At most %u bytes are possible.", most)));
	}
	return converted;
}

static void
convert_value(TagValue *value, bool receive)
{
	if (value->type == TAG_TEXT)
		value->payload = (const uint8_t *) convert_bytes((const char *) value->payload,
														 &value->length, TAG_TEXT_MAX, receive);
}

/* ---- tagsets ---- */

void *
tagset_convert(const TagsetView *view, bool receive)
{
	TagsetBuild *build = tagset_build_new();
	TagRecord	record;
	TagItem		item;

	for (uint32_t i = 0; i < view->n; i++)
	{
		core_interrupt();
		tagset_record(view, i, &record);
		record.name = convert_bytes(record.name, &record.name_length, TAG_NAME_MAX, receive);
		for (const uint8_t *p = tag_item_next(&record, NULL, &item); p != NULL;
			 p = tag_item_next(&record, p, &item))
		{
			convert_value(&item.value, receive);
			tagset_build_add(build, record.name, record.name_length, &item);
		}
	}
	return tagset_build_finish(build);
}

/* ---- rules ---- */

static TagTree *
convert_list(const TagNode *leaf, bool receive)
{
	TagValue   *values = core_alloc(core_mul_size(leaf->n, sizeof(TagValue)));

	for (uint32_t i = 0; i < leaf->n; i++)
	{
		core_interrupt();
		tag_list_value(leaf, i, &values[i]);
		convert_value(&values[i], receive);
	}
	return tag_tree_list(leaf->kind, leaf->name, leaf->name_length, values, leaf->n);
}

/* An interval of values.  Of texts, what is in it goes by their bytes. */
static TagTree *
convert_interval(TagNode *leaf, bool receive)
{
	TagSubject	subject = {TAG_BY_VALUE, leaf->name, leaf->name_length, 0, TAG_NO_TIME};

	if (leaf->bounds & TAG_LOW)
		convert_value(&leaf->low, receive);
	if (leaf->bounds & TAG_HIGH)
		convert_value(&leaf->high, receive);
	if ((leaf->bounds & TAG_LOW) && (leaf->bounds & TAG_HIGH) && leaf->low.type == TAG_TEXT &&
		tag_compare_bytes(leaf->low.payload, leaf->low.length,
						  leaf->high.payload, leaf->high.length) >= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNTRANSLATABLE_CHARACTER),
				 errmsg("tagquery has texts between two that encoding %s has in another order",
						target_encoding(receive)),
				 errhint("Use the text form of the rule, or the encoding of the database.")));
	return tag_tree_range(&subject, leaf->bounds, &leaf->low, &leaf->high);
}

/* The leaf with other bytes where the name was, not negated */
static TagTree *
rename_leaf(const TagNode *leaf, const char *name, uint32_t length)
{
	const uint8_t *operands = (const uint8_t *) leaf->name + leaf->name_length;
	size_t		rest = (size_t) (leaf->end - operands);
	TagTree    *tree = tag_tree_name(leaf->kind, name, length);
	uint32_t	size = tree->size + (uint32_t) rest;
	uint8_t    *image = core_alloc(size);

	memcpy(image, tree->image, tree->size);
	memcpy(image + tree->size, operands, rest);
	store32(image + 4, size);
	tree->image = image;
	tree->size = size;
	return tree;
}

static TagTree *
convert_leaf(TagTree *tree, bool receive)
{
	TagNode		leaf;
	const char *name;
	uint32_t	length;
	TagTree    *result;

	if (tree->kind <= TAG_TRUE)
		return tree;
	tag_node_read(&leaf, tree->image, tree->image + tree->size);
	length = leaf.name_length;
	name = convert_bytes(leaf.name, &length, TAG_NAME_MAX, receive);
	switch (leaf.kind)
	{
		case TAG_STARTS:
		case TAG_ENDS:
		case TAG_CONTAINS:
			leaf.text = convert_bytes(leaf.text, &leaf.text_length, TAG_TEXT_MAX, receive);
			result = tag_tree_text(leaf.kind, name, length, leaf.text, leaf.text_length);
			break;
		case TAG_PAIR:
			leaf.text = convert_bytes(leaf.text, &leaf.text_length, TAG_NAME_MAX, receive);
			result = tag_tree_pair(name, length, leaf.comparison, leaf.text, leaf.text_length);
			break;
		case TAG_IN:
		case TAG_NOT_IN:
			leaf.name = name;
			leaf.name_length = length;
			result = convert_list(&leaf, receive);
			break;
		default:
			if (leaf.kind != TAG_RANGE || leaf.source != TAG_BY_VALUE)
				result = rename_leaf(&leaf, name, length);
			else
			{
				leaf.name = name;
				leaf.name_length = length;
				result = convert_interval(&leaf, receive);
			}
	}
	return tree->negated ? tag_tree_not(result) : result;
}

static TagTree *
convert_tree(TagTree *tree, bool receive)
{
	core_check_stack();
	if (!tag_kind_is_group(tree->kind))
		return convert_leaf(tree, receive);
	for (uint32_t i = 0; i < tree->n; i++)
	{
		core_interrupt();
		tree->children[i] = convert_tree(tree->children[i], receive);
	}
	return tree;
}

void *
tagquery_convert(const TagqueryView *view, bool receive)
{
	CoreError	error;
	void	   *value = tag_tree_finish(convert_tree(tag_tree_read(view->root, view->end), receive),
										&error);

	if (value == NULL)
		core_report(&error, NULL);
	return value;
}

/* ---- compiled sets ---- */

/* Of a million rules, what each needs on the way would fill the memory */
void *
tagquery_set_convert(const TagquerySetView *view, bool receive)
{
	/* of damaged bytes no more than there is room for */
	uint32_t	n = Min(view->n, view->records_size / 8);
	TagquerySetRow *rows = core_alloc(core_mul_size(n, sizeof(TagquerySetRow)) + 1);
	TagquerySetRule bytes = {0};
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext, "conversion of a rule",
												  ALLOCSET_SMALL_SIZES);
	uint32_t	place = 0;

	for (uint32_t i = 0; i < n; i++)
	{
		TagqueryView rule;
		CoreError	error;
		MemoryContext old;
		void	   *value;

		place = tagquery_set_next(view, place, &rows[i], &bytes);
		if (!tagquery_open(&rule, rows[i].rule, rows[i].rule_size, &error))
			core_report(&error, NULL);
		old = MemoryContextSwitchTo(scratch);
		value = tagquery_convert(&rule, receive);
		MemoryContextSwitchTo(old);
		rows[i].rule_size = VARSIZE(value) - VARHDRSZ;
		rows[i].rule = memcpy(palloc(rows[i].rule_size), VARDATA(value), rows[i].rule_size);
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
	return tagquery_set_make(rows, n);
}
