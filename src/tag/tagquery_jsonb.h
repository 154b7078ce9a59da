/*
 * tagquery_jsonb.h
 *	  Reading rules out of jsonb: what the parts of the reader share.
 *
 * Whatever is not understood is an error that tells where it stands.
 */
#ifndef PORTRAIT_TAGQUERY_JSONB_H
#define PORTRAIT_TAGQUERY_JSONB_H

#include "tag/tag_fmgr.h"

#include "utils/jsonb.h"

#include "tag/tag_tree.h"
#include "tag/tagquery_json.h"

/* A place in the document, told from inside out */
typedef struct TagJsonPlace
{
	const struct TagJsonPlace *in;	/* NULL: the document */
	const char *key;			/* NULL: an element of an array */
	int			index;
	int			depth;
	bool		in_exactly;		/* whose rules are read twice */
} TagJsonPlace;

static inline TagJsonPlace
tag_json_at(const TagJsonPlace *in, const char *key)
{
	return (TagJsonPlace) {in, key, 0, in->depth, in->in_exactly};
}

static inline bool
tag_json_is_object(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsObject(value->val.binary.data);
}

static inline bool
tag_json_is_array(const JsonbValue *value)
{
	return value->type == jbvBinary && JsonContainerIsArray(value->val.binary.data);
}

static inline bool
tag_json_is_text(const JsonbValue *value, const char *text)
{
	return value->type == jbvString && value->val.string.len == (int) strlen(text) &&
		memcmp(value->val.string.val, text, strlen(text)) == 0;
}

/* ---- tagquery_jsonb_value.c ---- */

/* 22023 */
extern void tag_json_bad(const TagJsonPlace *place, const char *hint, const char *format,...)
			__attribute__((noreturn, cold)) CORE_PRINTF(3, 4);

/* An error of the core, with the place added to it */
extern void tag_json_bad_value(const TagJsonPlace *place, CoreError *error)
			__attribute__((noreturn, cold));

/* What an object has by a key; NULL too when that is null */
extern JsonbValue *tag_json_get(const JsonbValue *object, const char *key);

/* What an object must have */
extern const JsonbValue *tag_json_want_string(const JsonbValue *object, const char *key,
											  const TagJsonPlace *place);
extern const JsonbValue *tag_json_want_name(const JsonbValue *object, const char *key,
											  const TagJsonPlace *place);
extern uint32_t tag_json_want_count(const JsonbValue *object, const char *key,
									const TagJsonPlace *place);

extern TagInterval tag_json_interval(const JsonbValue *json, const TagJsonPlace *place);
extern int64_t tag_json_half_life(const JsonbValue *json, const TagJsonPlace *place);
extern int64_t tag_json_as_of(const JsonbValue *json, const TagJsonPlace *place);

/* What the subject can be compared with */
extern void tag_json_bound(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], TagSource source,
					   const JsonbValue *json, const TagJsonPlace *place);

typedef struct TagJsonList
{
	TagValue   *values;
	uint8_t		(*rooms)[TAG_PAYLOAD_ROOM];
	uint32_t	n;
} TagJsonList;

/* At least one value */
extern void tag_json_list(TagJsonList *list, TagSource source, const JsonbValue *json,
						  const TagJsonPlace *place);

/* ---- tagquery_jsonb_rule.c ---- */

/* A rule that is no group */
extern TagTree *tag_json_rule(const JsonbValue *object, const TagJsonPlace *place);

#endif							/* PORTRAIT_TAGQUERY_JSONB_H */
