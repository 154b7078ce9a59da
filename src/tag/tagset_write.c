/*
 * tagset_write.c
 *	  Records in ascending order into a tagset, see tagset_build.h.
 */
#include "tag/tagset_build.h"

#include "common/varint.h"

void
tagset_writer_start(TagsetWriter *writer, size_t max_n, size_t max_bytes)
{
	writer->marks = core_alloc(core_add_size(max_n, 1));
	writer->ends = core_alloc(core_mul_size(max_n, 4) + 1);
	writer->records = core_alloc(core_add_size(max_bytes, 1));
	writer->n = 0;
	writer->p = writer->records;
}

void
tagset_writer_name(TagsetWriter *writer, const char *name, size_t length, bool plain)
{
	writer->marks[writer->n] = (tag_mark(name, length) & 0x7f) | (plain ? TAGSET_PLAIN : 0);
	if (!plain)
		writer->p = varint_put(writer->p, length);
	memcpy(writer->p, name, length);
	writer->p += length;
}

void
tagset_writer_end(TagsetWriter *writer)
{
	writer->ends[writer->n++] = (uint32_t) (writer->p - writer->records);
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
	tagset_writer_end(writer);
}

/* The lowest bytes of a number */
static uint8_t *
put_number(uint8_t *p, uint32_t number, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i++)
		*p++ = (uint8_t) (number >> 8 * i);
	return p;
}

void *
tagset_writer_finish(TagsetWriter *writer, CoreError *error)
{
	size_t		bytes = (size_t) (writer->p - writer->records);
	uint32_t	n_bytes = tagset_width(writer->n);
	uint32_t	end_bytes = tagset_width(bytes);
	size_t		size = 6 + n_bytes + (size_t) writer->n * (1 + end_bytes) + bytes;
	uint8_t    *value = NULL;
	uint8_t    *p;

	if (size <= TAGSET_MAX_SIZE)
	{
		value = core_alloc(size);
		store32(value, (uint32_t) size << 2);
		value[4] = TAGSET_VERSION;
		value[5] = (uint8_t) (n_bytes << 4 | end_bytes);
		p = put_number(value + 6, writer->n, n_bytes);
		core_copy(p, writer->marks, writer->n);
		p += writer->n;
		for (uint32_t i = 0; i < writer->n; i++)
			p = put_number(p, writer->ends[i], end_bytes);
		core_copy(p, writer->records, bytes);
	}
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
