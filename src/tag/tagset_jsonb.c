/*
 * tagset_jsonb.c
 *	  Tagsets to jsonb and back.
 *
 * A tag's value is a JSON scalar, several are an array.  A value with a weight or
 * times is an object {"value", "weight", "set_at", "expires_at"}, and so is a text
 * that would be read as a date or a time, with "type".  Reading: objects
 * without "value", or with other keys, are levels of names; strings of the exact
 * form of a date or a time are such values, and all other strings are texts.
 */
#include "tag/tag_fmgr.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

/* ---- writing ---- */

static JsonbValue
json_string(const char *text, size_t length)
{
	JsonbValue	json = {0};

	json.type = jbvString;
	json.val.string.val = (char *) text;
	json.val.string.len = (int) length;
	return json;
}

static void
push_key(JsonbParseState **state, const char *key, size_t length)
{
	JsonbValue	json = json_string(key, length);

	pushJsonbValue(state, WJB_KEY, &json);
}

static JsonbValue
json_number(double number)
{
	JsonbValue	json = {0};
	TextOut		out;

	text_out_start(&out);
	text_out_double(&out, number);
	json.type = jbvNumeric;
	json.val.numeric = DatumGetNumeric(DirectFunctionCall3(numeric_in, CStringGetDatum(out.text),
														   ObjectIdGetDatum(InvalidOid),
														   Int32GetDatum(-1)));
	return json;
}

static JsonbValue
json_moment(int64_t usecs, bool plain_date)
{
	TextOut		out;

	text_out_start(&out);
	tag_moment_print(&out, usecs, plain_date);
	return json_string(out.text, out.length);
}

static JsonbValue
json_value(const TagValue *value)
{
	JsonbValue	json = {0};

	switch (value->type)
	{
		case TAG_BOOL:
			json.type = jbvBool;
			json.val.boolean = value->payload[0];
			break;
		case TAG_NUMBER:
			return json_number(tag_number_of(tag_load_ordered(value->payload)));
		case TAG_DATE:
		case TAG_TIME:
			return json_moment(tag_moment_of(tag_load_ordered(value->payload)),
							   value->type == TAG_DATE);
		case TAG_TEXT:
			return json_string((const char *) value->payload, value->length);
	}
	return json;
}

static void
push_field(JsonbParseState **state, const char *key, JsonbValue json)
{
	push_key(state, key, strlen(key));
	pushJsonbValue(state, WJB_VALUE, &json);
}

/* Would the string be read as something else? */
static bool
needs_type(const TagValue *value)
{
	TagType		type;
	int64_t		usecs;
	CoreError	error;
	const char *text = (const char *) value->payload;

	return value->type == TAG_TEXT && tag_is_moment(text, value->length) &&
		tag_read_moment(text, value->length, &type, &usecs, &error);
}

static void
push_item(JsonbParseState **state, JsonbIteratorToken token, const TagItem *item, bool full)
{
	JsonbValue	json = json_value(&item->value);

	if (!full || (item->has == 0 && !needs_type(&item->value)))
	{
		pushJsonbValue(state, token, &json);
		return;
	}
	pushJsonbValue(state, WJB_BEGIN_OBJECT, NULL);
	push_field(state, "value", json);
	if (needs_type(&item->value))
		push_field(state, "type", json_string("text", 4));
	if (item->has & TAG_WEIGHT)
		push_field(state, "weight", json_number(item->weight));
	if (item->has & TAG_SET_AT)
		push_field(state, "set_at", json_moment(item->set_at, false));
	if (item->has & TAG_EXPIRES)
		push_field(state, "expires_at", json_moment(item->expires_at, false));
	pushJsonbValue(state, WJB_END_OBJECT, NULL);
}

/* Several values of a tag as an array; gives what the last push gave */
static JsonbValue *
push_array(JsonbParseState **state, const TagRecord *record, bool full)
{
	TagItem		item;

	pushJsonbValue(state, WJB_BEGIN_ARRAY, NULL);
	for (const uint8_t *p = tag_item_next(record, NULL, &item); p != NULL;
		 p = tag_item_next(record, p, &item))
	{
		CHECK_FOR_INTERRUPTS();
		push_item(state, WJB_ELEM, &item, full);
	}
	return pushJsonbValue(state, WJB_END_ARRAY, NULL);
}

/* The item of a tag that has one value only */
static bool
only_item(const TagRecord *record, TagItem *item)
{
	return tag_item_next(record, NULL, item) == record->end;
}

PORTRAIT_FUNCTION(portrait_tagset_to_jsonb);
Datum
portrait_tagset_to_jsonb(PG_FUNCTION_ARGS)
{
	TagsetView	view;
	TagRecord	record;
	TagItem		item;
	JsonbParseState *state = NULL;

	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (uint32_t i = 0; i < view.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		tagset_record(&view, i, &record);
		push_key(&state, record.name, record.name_length);
		if (only_item(&record, &item))
			push_item(&state, WJB_VALUE, &item, true);
		else
			push_array(&state, &record, true);
	}
	PG_RETURN_JSONB_P(JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL)));
}

/* The values of a tag, one as a scalar, several as an array */
static Jsonb *
record_to_jsonb(const TagRecord *record)
{
	TagItem		item;
	JsonbValue	json;
	JsonbParseState *state = NULL;

	if (!only_item(record, &item))
		return JsonbValueToJsonb(push_array(&state, record, false));
	json = json_value(&item.value);
	return JsonbValueToJsonb(&json);
}

/* tagset -> text: NULL when there is no such tag */
PORTRAIT_FUNCTION(portrait_tagset_get);
Datum
portrait_tagset_get(PG_FUNCTION_ARGS)
{
	TagsetView	view;
	TagRecord	record;

	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	if (!tag_find_arg(&view, PG_GETARG_DATUM(1), &record))
		PG_RETURN_NULL();
	PG_RETURN_JSONB_P(record_to_jsonb(&record));
}

/* tagset ->> text: one value as text, several as the text of the array */
PORTRAIT_FUNCTION(portrait_tagset_get_text);
Datum
portrait_tagset_get_text(PG_FUNCTION_ARGS)
{
	TagsetView	view;
	TagRecord	record;
	TagItem		item;
	TextOut		out;
	Jsonb	   *array;

	tagset_open_datum(&view, PG_GETARG_DATUM(0));
	if (!tag_find_arg(&view, PG_GETARG_DATUM(1), &record))
		PG_RETURN_NULL();
	if (only_item(&record, &item))
	{
		text_out_start(&out);
		tag_bare_print(&out, &item.value);
		PG_RETURN_TEXT_P(cstring_to_text_with_len(out.text, (int) out.length));
	}
	array = record_to_jsonb(&record);
	PG_RETURN_TEXT_P(cstring_to_text(JsonbToCString(NULL, &array->root, VARSIZE(array))));
}

/* ---- reading ---- */

typedef struct Reader
{
	TagsetBuild *build;
	StringInfoData path;		/* the name so far, its levels parted by dots */
} Reader;

static void __attribute__((noreturn, cold))
refuse(const Reader *reader, const char *problem)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("cannot make a tagset of jsonb"),
			 reader->path.len > 0 ?
			 errdetail("Tag \"%.*s\": %s.", tag_shown(reader->path.data, (size_t) reader->path.len),
					   reader->path.data, problem) : errdetail("Problem: %s.", problem)));
	pg_unreachable();
}

static void
add_item(Reader *reader, const TagItem *item)
{
	CoreError	error;

	if (!tag_check_name(reader->path.data, (size_t) reader->path.len, &error))
		core_report(&error, NULL);
	tagset_build_add(reader->build, reader->path.data, (size_t) reader->path.len, item);
}

/* A scalar that is not null; "parse" tells whether a string may be a date or a time */
static void
read_scalar(const JsonbValue *json, bool parse, TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM])
{
	const char *text;
	size_t		length;
	TagType		type;
	int64_t		usecs;
	CoreError	error;

	if (json->type == jbvBool)
		tag_set_bool(value, room, json->val.boolean);
	else if (json->type == jbvNumeric)
		tag_value_of_numeric(value, room, NumericGetDatum(json->val.numeric), false);
	else
	{
		text = json->val.string.val;
		length = (size_t) json->val.string.len;
		if (parse && tag_is_moment(text, length) &&
			tag_read_moment(text, length, &type, &usecs, &error))
			tag_set_moment(value, type, room, usecs);
		else if (tag_check_text(text, length, &error))
			tag_set_text(value, text, length);
		else
			core_report(&error, NULL);
	}
}

/* Of an object with the key "value", the field of this name; NULL when it is not there, or null */
static JsonbValue *
get_field(JsonbContainer *object, const char *key)
{
	JsonbValue *json = getKeyJsonValueFromContainer(object, key, (int) strlen(key), NULL);

	return json == NULL || json->type == jbvNull ? NULL : json;
}

/* Has the object the key "value", and no others than those of one value? */
static bool
is_item(JsonbContainer *object)
{
	static const char *const keys[] = {"value", "type", "weight", "set_at", "expires_at"};
	uint32		known = 0;

	if (getKeyJsonValueFromContainer(object, "value", 5, NULL) == NULL)
		return false;
	for (size_t i = 0; i < lengthof(keys); i++)
		known += getKeyJsonValueFromContainer(object, keys[i], (int) strlen(keys[i]), NULL) != NULL;
	return known == JsonContainerSize(object);
}

static int64_t
read_moment(const Reader *reader, const JsonbValue *json)
{
	TagType		type;
	int64_t		usecs;
	CoreError	error;

	if (json->type != jbvString ||
		!tag_is_moment(json->val.string.val, (size_t) json->val.string.len))
		refuse(reader, "\"set_at\" and \"expires_at\" must be dates or times");
	if (!tag_read_moment(json->val.string.val, (size_t) json->val.string.len, &type, &usecs, &error))
		core_report(&error, NULL);
	return usecs;
}

/* {"value": ..., ...} */
static void
read_item(Reader *reader, JsonbContainer *object)
{
	JsonbValue *value = get_field(object, "value");
	JsonbValue *type = get_field(object, "type");
	JsonbValue *weight = get_field(object, "weight");
	JsonbValue *set_at = get_field(object, "set_at");
	JsonbValue *expires_at = get_field(object, "expires_at");
	TagItem		item = {0};
	uint8_t		room[TAG_PAYLOAD_ROOM];
	bool		text = type != NULL && type->type == jbvString &&
		type->val.string.len == 4 && memcmp(type->val.string.val, "text", 4) == 0;

	/* null is missing, whatever belongs to it */
	if (value == NULL)
		return;
	if (value->type == jbvBinary)
		refuse(reader, "\"value\" must be a scalar");
	if (type != NULL && !(text && value->type == jbvString))
		refuse(reader, "\"type\" must be \"text\", of a string");
	read_scalar(value, !text, &item.value, room);
	if (weight != NULL)
	{
		if (weight->type != jbvNumeric)
			refuse(reader, "\"weight\" must be a number");
		item.has |= TAG_WEIGHT;
		item.weight = tag_check_weight(DatumGetFloat8(DirectFunctionCall1(numeric_float8,
																	  NumericGetDatum(weight->val.numeric))));
	}
	if (set_at != NULL)
	{
		item.has |= TAG_SET_AT;
		item.set_at = read_moment(reader, set_at);
	}
	if (expires_at != NULL)
	{
		item.has |= TAG_EXPIRES;
		item.expires_at = read_moment(reader, expires_at);
	}
	add_item(reader, &item);
}

static void read_container(Reader *reader, JsonbContainer *container);

/* Whatever belongs to the name so far */
static void
read_json(Reader *reader, const JsonbValue *json)
{
	TagItem		item = {0};
	uint8_t		room[TAG_PAYLOAD_ROOM];

	if (json->type == jbvNull)
		return;
	if (json->type == jbvBinary)
	{
		if (JsonContainerIsObject(json->val.binary.data) && is_item(json->val.binary.data))
			read_item(reader, json->val.binary.data);
		else
			read_container(reader, json->val.binary.data);
		return;
	}
	read_scalar(json, true, &item.value, room);
	add_item(reader, &item);
}

/* Keys are levels of names; elements belong to the name that the array has */
static void
read_container(Reader *reader, JsonbContainer *container)
{
	JsonbIterator *it = JsonbIteratorInit(container);
	JsonbIteratorToken token;
	JsonbValue	json;
	int			length = reader->path.len;

	check_stack_depth();
	while ((token = JsonbIteratorNext(&it, &json, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token == WJB_KEY)
		{
			reader->path.len = length;
			if (json.val.string.len == 0)
				refuse(reader, "a key is empty");
			if (length > 0)
				appendStringInfoChar(&reader->path, '.');
			appendBinaryStringInfo(&reader->path, json.val.string.val, json.val.string.len);
		}
		else if (token == WJB_VALUE || token == WJB_ELEM)
			read_json(reader, &json);
	}
	reader->path.len = length;
}

/* ["vip", "new"]: names, as from text[] */
static void
read_names(Reader *reader, JsonbContainer *array)
{
	JsonbIterator *it = JsonbIteratorInit(array);
	JsonbIteratorToken token;
	JsonbValue	json;

	while ((token = JsonbIteratorNext(&it, &json, true)) != WJB_DONE)
	{
		CHECK_FOR_INTERRUPTS();
		if (token != WJB_ELEM || json.type == jbvNull)
			continue;
		if (json.type != jbvString)
			refuse(reader, "an array must have names of tags");
		reader->path.len = 0;
		appendBinaryStringInfo(&reader->path, json.val.string.val, json.val.string.len);
		add_item(reader, &tag_plain_item);
	}
}

/*
 * Errors: 22023 for what is neither an object nor an array of names, 22003 for
 * numbers that double precision would change, for weights and times, 54000.
 */
PORTRAIT_FUNCTION(portrait_tagset_from_jsonb);
Datum
portrait_tagset_from_jsonb(PG_FUNCTION_ARGS)
{
	Jsonb	   *jsonb = PG_GETARG_JSONB_P(0);
	Reader		reader;

	reader.build = tagset_build_new();
	initStringInfo(&reader.path);
	if (JB_ROOT_IS_SCALAR(jsonb))
		refuse(&reader, "it is neither an object nor an array of names");
	else if (JB_ROOT_IS_ARRAY(jsonb))
		read_names(&reader, &jsonb->root);
	else
		read_container(&reader, &jsonb->root);
	PG_RETURN_DATUM(TagDatum(tagset_build_finish(reader.build)));
}
