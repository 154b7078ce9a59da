/*
 * tagset_write.c
 *	  Records in ascending order into a tagset, see tagset_build.h.
 */
#include "tag/tagset_build.h"

#include "common/varint.h"

void
tagset_writer_start(TagsetWriter *writer, size_t max_n, size_t max_bytes)
{
	writer->marks = core_alloc(core_mul_size(max_n, 2) + 1);
	writer->ends = core_alloc(core_mul_size(max_n, 4) + 1);
	writer->records = core_alloc(core_add_size(max_bytes, 1));
	writer->n = 0;
	writer->p = writer->records;
}

static uint32_t
last_end(const TagsetWriter *writer)
{
	return writer->n == 0 ? 0 : writer->ends[writer->n - 1];
}

void
tagset_writer_end(TagsetWriter *writer, uint16_t mark)
{
	writer->marks[writer->n] = mark;
	writer->ends[writer->n] = (uint32_t) (writer->p - writer->records);
	writer->n++;
}

void
tagset_writer_forget(TagsetWriter *writer)
{
	writer->p = writer->records + last_end(writer);
}

void
tagset_writer_name(TagsetWriter *writer, const char *name, size_t length, bool plain)
{
	writer->p = varint_put(writer->p, length * 2 + plain);
	memcpy(writer->p, name, length);
	writer->p += length;
}

uint8_t *
tag_item_put(uint8_t *p, const TagItem *item)
{
	*p++ = (uint8_t) (item->value.type | item->has);
	if (item->value.type == TAG_TEXT)
		p = varint_put(p, item->value.length);
	memcpy(p, item->value.payload, item->value.length);
	p += item->value.length;
	if (item->has & TAG_WEIGHT)
	{
		memcpy(p, &item->weight, 8);
		p += 8;
	}
	if (item->has & TAG_SET_AT)
	{
		store64(p, (uint64_t) item->set_at);
		p += 8;
	}
	if (item->has & TAG_EXPIRES)
	{
		store64(p, (uint64_t) item->expires_at);
		p += 8;
	}
	return p;
}

void
tagset_writer_item(TagsetWriter *writer, const TagItem *item)
{
	writer->p = tag_item_put(writer->p, item);
}

void
tagset_writer_copy(TagsetWriter *writer, const TagRecord *record)
{
	tagset_writer_name(writer, record->name, record->name_length, record->plain);
	core_copy(writer->p, record->items, (size_t) (record->end - record->items));
	writer->p += record->end - record->items;
	tagset_writer_end(writer, tag_mark(record->name, record->name_length));
}

/* Header, marks and ends, then the records */
static void *
assemble(const TagsetWriter *writer, size_t size)
{
	size_t		bytes = (size_t) (writer->p - writer->records);
	uint8_t		width = bytes <= UINT16_MAX ? 2 : 4;
	uint8_t    *value = core_alloc(size);
	uint8_t    *p = value + TAGSET_HEADER;

	store32(value, (uint32_t) size << 2);
	value[4] = TAGSET_VERSION;
	value[5] = width;
	store16(value + 6, 0);
	store32(value + 8, writer->n);
	core_copy(p, writer->marks, (size_t) writer->n * 2);
	p += (size_t) writer->n * 2;
	for (uint32_t i = 0; i < writer->n; i++, p += width)
		memcpy(p, &writer->ends[i], width);
	core_copy(p, writer->records, bytes);
	return value;
}

void *
tagset_writer_finish(TagsetWriter *writer, CoreError *error)
{
	size_t		bytes = (size_t) (writer->p - writer->records);
	size_t		size = TAGSET_HEADER + bytes +
		(size_t) writer->n * (bytes <= UINT16_MAX ? 4 : 6);
	void	   *value = NULL;

	if (size <= TAGSET_MAX_SIZE)
		value = assemble(writer, size);
	else
	{
		core_set_error(error, CORE_LIMIT, "tagset of %zu bytes is too large", size);
		core_set_detail(error, "A tagset has at most %zu bytes.", TAGSET_MAX_SIZE);
	}
	core_free(writer->marks);
	core_free(writer->ends);
	core_free(writer->records);
	return value;
}
