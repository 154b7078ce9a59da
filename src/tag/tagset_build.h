/*
 * tagset_build.h
 *	  Making tagsets: from records in order, and from tags as they come.
 */
#ifndef PORTRAIT_TAGSET_BUILD_H
#define PORTRAIT_TAGSET_BUILD_H

#include "tag/tagset.h"

/* ---- tagset_write.c: records in ascending order into a value ---- */

typedef struct TagsetWriter
{
	uint8_t    *marks;
	uint32_t   *ends;
	uint8_t    *records;
	uint32_t	n;
	uint8_t    *p;				/* where the next byte goes */
} TagsetWriter;

/* Room for at most so many records of so many bytes in all */
extern void tagset_writer_start(TagsetWriter *writer, size_t max_n, size_t max_bytes);

/* One record as another value has it */
extern void tagset_writer_copy(TagsetWriter *writer, const TagRecord *record);

/* One record: its name, then its items, in order, then its end */
extern void tagset_writer_name(TagsetWriter *writer, const char *name, size_t length, bool plain);
extern void tagset_writer_item(TagsetWriter *writer, const TagItem *item);
extern void tagset_writer_end(TagsetWriter *writer);

/* The value, with its length word; NULL, with CORE_LIMIT, when it is too large.  Frees the room. */
extern void *tagset_writer_finish(TagsetWriter *writer, CoreError *error);

/* An item as it is stored, and the bytes that it takes at most */
extern uint8_t *tag_item_put(uint8_t *p, const TagItem *item);

static inline size_t
tag_item_size(const TagItem *item)
{
	return 1 + (item->value.type == TAG_TEXT ? 3 : 0) + (size_t) item->value.length +
		8 * (size_t) __builtin_popcount(item->has);
}

/* Bytes of a name's length at most, also times 2 */
#define TAG_RECORD_HEAD 2

/* ---- tagset_state.c: tags as they come ---- */

/*
 * A state is a flat value too, which aggregates change in place: what was
 * added, in the order it came.
 *
 *	 0	int32	varlena length word: all of it, the free room included
 *	 4	uint8	version, TAGSET_STATE
 *	 5	uint8	zero, three times
 *	 8	uint32	bytes used behind the header
 *	12	uint32	n, the number of entries
 *	16	uint32	where the name of the last entry starts, behind the header
 *	20	uint32	its bytes; 0 when there is no entry
 *	24	entries: varint bytes of the name times 2, plus 1 if the tag is plain; the
 *		name; the item unless it is plain.  The length is 0 where the name is that
 *		of the entry before
 *
 * When it is full, doubles are removed; when it is then still more than two thirds
 * full, it moves to a larger one.  So n additions take n log n.
 */
#define TAGSET_STATE	0x81
#define TAGSET_STATE_HEADER 24
#define TAGSET_STATE_MIN 128

/* Names of one tag's values are not repeated in a row, so this is some times TAGSET_MAX_SIZE */
#define TAGSET_STATE_MAX ((size_t) 512 * 1024 * 1024)

extern void *tagset_state_new(size_t size);

/*
 * One more value of a tag.  Gives the state, or the larger one that it moved
 * to; the old one is for the caller to free.  Throws CORE_LIMIT past
 * TAGSET_STATE_MAX, CORE_CORRUPT.
 */
extern void *tagset_state_add(void *state, const char *name, size_t length, const TagItem *item);

/* Is the value behind the length word a state? */
static inline bool
tagset_is_state(const void *payload, size_t size)
{
	return size >= TAGSET_STATE_HEADER - 4 && *(const uint8_t *) payload == TAGSET_STATE;
}

/* The tagset of a state, which stays as it is; NULL, with CORE_LIMIT, when it is too large */
extern void *tagset_state_finish(const void *payload, size_t size, CoreError *error);

/* Walk over a state's entries */
typedef struct TagEntries
{
	const uint8_t *p;
	const uint8_t *end;
	const char *name;
	uint32_t	name_length;
	bool		plain;
	const uint8_t *item;		/* unused if plain */
	const uint8_t *item_end;
} TagEntries;

extern void tag_entries_start(TagEntries *entries, const void *payload, size_t size);
extern bool tag_entries_next(TagEntries *entries, TagItem *item);

/* Which of two of the same tag and value counts?  Below 0 when it is a. */
extern int	tag_item_prefer(const TagItem *a, const TagItem *b);

#endif							/* PORTRAIT_TAGSET_BUILD_H */
