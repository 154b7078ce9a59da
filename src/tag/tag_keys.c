/*
 * tag_keys.c
 *	  Keys of tagsets: which there are, their hashes, their images.
 */
#include "tag/tag_keys.h"

#include "segment/segment.h"

/* A key too long for its image: this flag at its kind, and two hashes */
#define IMAGE_HASHED	0x80
#define IMAGE_HASHED_SIZE 17

/* ---- hashes ---- */

static inline uint64_t
mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9fb21c651e98df25);
	return hash ^ hash >> 32;
}

static uint64_t
hash_bytes(uint64_t hash, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	uint64_t	last = 0;

	hash = mix(hash, size);
	for (; size >= 8; size -= 8, p += 8)
		hash = mix(hash, load64(p));
	memcpy(&last, p, size);
	return mix(hash, last);
}

static uint64_t
hash_key(const TagKey *key, uint64_t seed)
{
	uint64_t	hash = hash_bytes(seed + (uint64_t) key->kind, key->name, key->name_length);

	switch (key->kind)
	{
		case TAG_KEY_HAS:
		case TAG_KEY_FALSE:
		case TAG_KEY_BELOW:
			break;
		case TAG_KEY_EQUAL:
			hash = hash_bytes(hash + (uint64_t) key->value.type, key->value.payload,
							  key->value.length);
			break;
		case TAG_KEY_NUMBER:
		case TAG_KEY_MOMENT:
			hash = mix(hash, (uint64_t) key->level << 16 | key->prefix);
			break;
	}
	return mix(mix(hash, 0), 0);
}

uint64_t
tag_key_hash(const TagKey *key)
{
	uint64_t	hash = hash_key(key, UINT64_C(0x5851f42d4c957f2d));

	return (hash & ~UINT64_C(0xffff)) | tag_mark(key->name, key->name_length);
}

/* ---- images ---- */

bool
tag_key_image(const TagKey *key, uint8_t *image, size_t *size)
{
	uint8_t    *p = image;
	bool		equal = key->kind == TAG_KEY_EQUAL;
	size_t		head = equal ? 3 : key->kind >= TAG_KEY_NUMBER ? 4 : 1;
	size_t		total = head + key->name_length + (equal ? key->value.length : 0);

	if (total > TAG_KEY_IMAGE_MAX)
	{
		*p = (uint8_t) (key->kind | IMAGE_HASHED);
		store64(p + 1, hash_key(key, UINT64_C(0x14057b7ef767814f)));
		store64(p + 9, hash_key(key, UINT64_C(0x27bb2ee687b0b0fd)));
		*size = IMAGE_HASHED_SIZE;
		return false;
	}
	*p++ = (uint8_t) key->kind;
	if (equal)
	{
		*p++ = (uint8_t) key->value.type;
		*p++ = (uint8_t) key->name_length;
	}
	else if (key->kind >= TAG_KEY_NUMBER)
	{
		*p++ = key->level;
		*p++ = (uint8_t) (key->prefix >> 8);
		*p++ = (uint8_t) key->prefix;
	}
	memcpy(p, key->name, key->name_length);
	if (equal)
		memcpy(p + key->name_length, key->value.payload, key->value.length);
	*size = total;
	return true;
}

/* ---- keys of a tagset ---- */

/* Every level above the name has a tag below it */
static void
visit_below(TagKey *key, TagKeyVisit visit, void *context)
{
	uint32_t	length = key->name_length;

	key->kind = TAG_KEY_BELOW;
	for (uint32_t i = 1; i < length; i++)
		if (key->name[i] == '.')
		{
			key->name_length = i;
			visit(context, key);
		}
	key->name_length = length;
}

/* A value that is not a boolean */
static void
visit_value(TagKey *key, const TagValue *value, TagKeyVisit visit, void *context)
{
	uint16_t	code;

	key->kind = TAG_KEY_EQUAL;
	key->value = *value;
	key->value.type = tag_value_class(value->type);
	visit(context, key);
	if (value->type == TAG_TEXT)
		return;
	if (value->type == TAG_NUMBER)
	{
		key->kind = TAG_KEY_NUMBER;
		code = tag_number_code(tag_load_ordered(value->payload));
	}
	else
	{
		key->kind = TAG_KEY_MOMENT;
		code = tag_moment_code(tag_load_ordered(value->payload));
	}
	for (key->level = 1; key->level <= TAG_KEY_LEVELS; key->level++)
	{
		key->prefix = code >> (TAG_KEY_LEVELS - key->level) * TAG_KEY_LEVEL_BITS;
		visit(context, key);
	}
}

static void
visit_record(const TagRecord *record, TagKeyVisit visit, void *context)
{
	TagKey		key;
	TagItem		item;
	bool		has = false;
	const uint8_t *p;

	memset(&key, 0, sizeof(key));
	key.name = record->name;
	key.name_length = record->name_length;
	if (record->plain)
		has = true;
	else
		for (p = tag_item_next(record, NULL, &item); p; p = tag_item_next(record, p, &item))
		{
			if (item.value.type != TAG_BOOL)
				visit_value(&key, &item.value, visit, context);
			else if (item.value.payload[0] == 0)
			{
				key.kind = TAG_KEY_FALSE;
				visit(context, &key);
				continue;
			}
			has = true;
		}
	if (has)
	{
		key.kind = TAG_KEY_HAS;
		visit(context, &key);
		visit_below(&key, visit, context);
	}
}

void
tag_keys_visit(const TagsetView *tags, TagKeyVisit visit, void *context)
{
	TagRecord	record;

	for (uint32_t i = 0; i < tags->n; i++)
	{
		if (i % 256 == 255)
			core_interrupt();
		tagset_record(tags, i, &record);
		visit_record(&record, visit, context);
	}
}

/* ---- lists of hashes ---- */

void
tag_keys_add(TagKeys *keys, uint64_t hash)
{
	if (keys->n == keys->room)
	{
		uint32_t	room = keys->room > 0 ? keys->room * 2 : 64;

		if (room < keys->room)
			core_throw(CORE_LIMIT, NULL, "too many keys of tags");
		keys->keys = keys->keys
			? core_realloc(keys->keys, core_mul_size(room, sizeof(uint64_t)))
			: core_alloc(core_mul_size(room, sizeof(uint64_t)));
		keys->room = room;
	}
	keys->keys[keys->n++] = hash;
}

static void
add_key(void *context, const TagKey *key)
{
	tag_keys_add(context, tag_key_hash(key));
}

void
tag_keys_sort(TagKeys *keys, uint32_t first)
{
	if (keys->n > first)
		keys->n = first + (uint32_t) segment_sort_ids(keys->keys + first, keys->n - first);
}

void
tag_keys_of_tagset(TagKeys *keys, const TagsetView *tags)
{
	keys->n = 0;
	tag_keys_visit(tags, add_key, keys);
	tag_keys_sort(keys, 0);
}

/* ---- to read ---- */

/* A moment that starts a day as a date */
static void
print_value(TextOut *out, TagKeyKind kind, uint64_t ordered)
{
	uint8_t		payload[8];
	TagValue	value = {TAG_NUMBER, 8, payload};

	if (kind == TAG_KEY_MOMENT)
		value.type = tag_moment_of(ordered) % TAG_USECS_PER_DAY == 0 ? TAG_DATE : TAG_TIME;
	tag_store_ordered(payload, ordered);
	tag_value_print(out, &value);
}

/* What codes with this prefix stand for, as a half-open interval */
static void
print_interval(TextOut *out, const TagKey *key)
{
	int			shift = (TAG_KEY_LEVELS - key->level) * TAG_KEY_LEVEL_BITS;
	uint32_t	low = (uint32_t) key->prefix << shift;
	uint32_t	high = (uint32_t) (key->prefix + 1) << shift;

	text_out(out, " in [");
	if (low > 0)
		print_value(out, key->kind, tag_code_start(key->kind, (uint16_t) low));
	text_out(out, ", ");
	if (high < TAG_CODES)
		print_value(out, key->kind, tag_code_start(key->kind, (uint16_t) high));
	text_out(out, ")");
}

void
tag_key_print(TextOut *out, const TagKey *key)
{
	tag_name_print(out, key->name, key->name_length);
	switch (key->kind)
	{
		case TAG_KEY_HAS:
			break;
		case TAG_KEY_FALSE:
			text_out(out, "=false");
			break;
		case TAG_KEY_BELOW:
			text_out(out, ".*");
			break;
		case TAG_KEY_EQUAL:
			text_out(out, "=");
			if (key->value.type == TAG_TIME)
				print_value(out, TAG_KEY_MOMENT, tag_load_ordered(key->value.payload));
			else
				tag_value_print(out, &key->value);
			break;
		case TAG_KEY_NUMBER:
		case TAG_KEY_MOMENT:
			print_interval(out, key);
			break;
	}
}
