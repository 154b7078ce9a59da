/*
 * tagquery_jsonb_value.c
 *	  Rules out of jsonb: errors, keys of objects, values and lists.
 */
#include "tag/tagquery_jsonb.h"

#include "miscadmin.h"
#include "utils/builtins.h"

/* ---- errors ---- */

static void
print_place(TextOut *out, const TagJsonPlace *place)
{
	if (place->in == NULL)
	{
		text_out(out, "$");
		return;
	}
	print_place(out, place->in);
	if (place->key)
		text_out(out, ".%s", place->key);
	else
		text_out(out, "[%d]", place->index);
}

/* The end of a path that is longer than a message can take */
static const char *
shown_place(const TagJsonPlace *place)
{
	TextOut		out;

	text_out_start(&out);
	print_place(&out, place);
	return out.length <= 100 ? out.text : psprintf("...%s", out.text + out.length - 97);
}

void
tag_json_bad(const TagJsonPlace *place, const char *hint, const char *format,...)
{
	char		problem[256];
	va_list		args;

	va_start(args, format);
	vsnprintf(problem, sizeof(problem), format, args);
	va_end(args);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("JSON of a tagquery at %s: %s", shown_place(place), problem),
			 hint ? errhint("%s", hint) : 0));
	pg_unreachable();
}

void
tag_json_bad_value(const TagJsonPlace *place, CoreError *error)
{
	if (error->detail[0] == '\0')
		core_set_detail(error, "It stands in the JSON at %s.", shown_place(place));
	core_report(error, NULL);
	pg_unreachable();
}

/* ---- parts of objects ---- */

JsonbValue *
tag_json_get(const JsonbValue *object, const char *key)
{
	JsonbValue *value = getKeyJsonValueFromContainer(object->val.binary.data, key,
													 (int) strlen(key), NULL);

	return value != NULL && value->type != jbvNull ? value : NULL;
}

const JsonbValue *
tag_json_want_string(const JsonbValue *object, const char *key, const TagJsonPlace *place)
{
	JsonbValue *value = tag_json_get(object, key);
	TagJsonPlace there = tag_json_at(place, key);

	if (value == NULL || value->type != jbvString)
		tag_json_bad(&there, NULL, value ? "not a string" : "missing");
	return value;
}

const JsonbValue *
tag_json_want_name(const JsonbValue *object, const char *key, const TagJsonPlace *place)
{
	const JsonbValue *name = tag_json_want_string(object, key, place);
	TagJsonPlace there = tag_json_at(place, key);
	CoreError	error = {0};

	if (!tag_check_name(name->val.string.val, name->val.string.len, &error))
		tag_json_bad_value(&there, &error);
	return name;
}

static char *
digits_of(const JsonbValue *number)
{
	return DatumGetCString(DirectFunctionCall1(numeric_out,
											   NumericGetDatum(number->val.numeric)));
}

uint32_t
tag_json_want_count(const JsonbValue *object, const char *key, const TagJsonPlace *place)
{
	JsonbValue *value = tag_json_get(object, key);
	TagJsonPlace there = tag_json_at(place, key);
	int64		count = -1;

	if (value != NULL && value->type == jbvNumeric)
	{
		char	   *digits = digits_of(value);

		if (strlen(digits) <= 10 && strspn(digits, "0123456789") == strlen(digits))
			count = strtoll(digits, NULL, 10);
	}
	if (count < 0 || count > PG_UINT32_MAX)
		tag_json_bad(&there, NULL, "not a whole number from 0 to %u", PG_UINT32_MAX);
	return (uint32_t) count;
}

/* ---- values ---- */

/* Numbers and booleans are what they are, a string is a date, a time or a text */
static void
read_value(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], const JsonbValue *json,
		   const TagJsonPlace *place)
{
	CoreError	error = {0};
	const JsonbValue *quoted = NULL;
	char	   *digits;

	if (tag_json_is_object(json))
	{
		quoted = tag_json_get(json, "text");
		if (quoted == NULL || quoted->type != jbvString)
			tag_json_bad(place, "An object as a value is {\"text\": \"...\"}.", "not a value");
		json = quoted;
	}
	switch (json->type)
	{
		case jbvBool:
			tag_set_bool(value, room, json->val.boolean);
			return;
		case jbvNumeric:
			digits = digits_of(json);
			if (!tag_value_read(value, room, digits, strlen(digits), &error))
				tag_json_bad_value(place, &error);
			return;
		case jbvString:
			if (quoted == NULL && tag_is_moment(json->val.string.val, json->val.string.len))
			{
				if (!tag_value_read(value, room, json->val.string.val, json->val.string.len, &error))
				{
					core_set_hint(&error, "If it is a text, write {\"text\": \"...\"}.");
					tag_json_bad_value(place, &error);
				}
				return;
			}
			if (!tag_check_text(json->val.string.val, json->val.string.len, &error))
				tag_json_bad_value(place, &error);
			tag_set_text(value, json->val.string.val, json->val.string.len);
			return;
		default:
			tag_json_bad(place, NULL, "not a number, a string, true or false");
	}
}

/*
 * A part of a rule that has a syntax of its own (a length of time, a day of
 * the year), read by the reader of rules: a leaf that ends or goes on with it.
 */
static bool
read_by_text(TagNode *leaf, const char *before, const JsonbValue *json, const char *after)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 -";
	CoreError	error;
	TagqueryView rule;
	struct varlena *value;
	char	   *text;

	if (json == NULL || json->type != jbvString)
		return false;
	text = pnstrdup(json->val.string.val, json->val.string.len);
	if (strspn(text, allowed) != strlen(text))
		return false;
	text = psprintf("%s%s%s", before, text, after);
	value = tagquery_parse(text, strlen(text), &error);
	if (value == NULL)
		return false;
	tagquery_open_datum(&rule, PointerGetDatum(value));
	tag_node_read(leaf, rule.root, rule.end);
	return true;
}

TagInterval
tag_json_interval(const JsonbValue *json, const TagJsonPlace *place)
{
	TagNode		leaf;

	if (!read_by_text(&leaf, "x within last ", json, "") || leaf.kind != TAG_WINDOW)
		tag_json_bad(place, NULL, "not a length of time such as \"30 days\"");
	return leaf.interval;
}

int64_t
tag_json_half_life(const JsonbValue *json, const TagJsonPlace *place)
{
	TagNode		leaf;

	if (!read_by_text(&leaf, "weight(x, ", json, ") > 0") || leaf.kind != TAG_DECAYING)
		tag_json_bad(place, NULL, "not a half-life such as \"30 days\"");
	return leaf.half_life;
}

int64_t
tag_json_as_of(const JsonbValue *json, const TagJsonPlace *place)
{
	TagValue	value;
	uint8_t		room[TAG_PAYLOAD_ROOM];

	read_value(&value, room, json, place);
	if (tag_value_class(value.type) != TAG_TIME)
		tag_json_bad(place, NULL, "not a time such as \"2026-11-11T00:00:00Z\"");
	return tag_moment_of(tag_load_ordered(value.payload));
}

static void
check_class(const TagValue *value, TagSource source, const TagJsonPlace *place)
{
	TagType		class = tag_source_class(source);

	if (class != 0 && tag_value_class(value->type) != class)
		tag_json_bad(place, NULL, class == TAG_NUMBER ? "not a number" : "not a date or a time");
}

void
tag_json_bound(TagValue *value, uint8_t room[TAG_PAYLOAD_ROOM], TagSource source,
		   const JsonbValue *json, const TagJsonPlace *place)
{
	TagNode		leaf;

	if (source == TAG_BY_ANNIVERSARY)
	{
		if (!read_by_text(&leaf, "anniversary(x) = ", json, "") || leaf.kind != TAG_RANGE)
			tag_json_bad(place, NULL, "not a day of the year such as \"02-29\"");
		tag_set_number(value, room, tag_number_of(tag_load_ordered(leaf.low.payload)));
		return;
	}
	read_value(value, room, json, place);
	check_class(value, source, place);
}

/* ---- lists: arrays, or words with commas between them ---- */

static void
make_list(TagJsonList *list, size_t n)
{
	list->values = core_alloc(core_mul_size(n, sizeof(TagValue)));
	list->rooms = core_alloc(core_mul_size(n, sizeof(*list->rooms)));
	list->n = 0;
}

/* As the editors of react-querybuilder write them; without types, so these are words */
static void
read_words(TagJsonList *list, TagSource source, const JsonbValue *json, const TagJsonPlace *place)
{
	const char *p = json->val.string.val;
	const char *end = p + json->val.string.len;
	size_t		n = 1;
	CoreError	error = {0};

	for (const char *c = p; c < end; c++)
		n += *c == ',';
	make_list(list, n);
	for (; n > 0; n--)
	{
		const char *comma = memchr(p, ',', (size_t) (end - p));
		const char *last = comma ? comma : end;
		const char *start = p;

		CHECK_FOR_INTERRUPTS();
		while (start < last && *start == ' ')
			start++;
		while (last > start && last[-1] == ' ')
			last--;
		if (start == last)
			tag_json_bad(place, NULL, "a value is missing");
		if (source == TAG_BY_ANNIVERSARY)
		{
			JsonbValue	word = {.type = jbvString};

			word.val.string.val = unconstify(char *, start);
			word.val.string.len = (int) (last - start);
			tag_json_bound(&list->values[list->n], list->rooms[list->n], source, &word, place);
		}
		else
		{
			if (!tag_value_read(&list->values[list->n], list->rooms[list->n], start,
								(size_t) (last - start), &error))
				tag_json_bad_value(place, &error);
			check_class(&list->values[list->n], source, place);
		}
		list->n++;
		p = comma ? comma + 1 : end;
	}
}

void
tag_json_list(TagJsonList *list, TagSource source, const JsonbValue *json,
			  const TagJsonPlace *place)
{
	JsonbIterator *iterator;
	JsonbIteratorToken token;
	JsonbValue	element;

	if (json != NULL && json->type == jbvString && json->val.string.len > 0)
	{
		read_words(list, source, json, place);
		return;
	}
	if (json == NULL || !tag_json_is_array(json) || JsonContainerSize(json->val.binary.data) == 0)
		tag_json_bad(place, NULL, "not an array of values");
	make_list(list, JsonContainerSize(json->val.binary.data));
	iterator = JsonbIteratorInit(json->val.binary.data);
	JsonbIteratorNext(&iterator, &element, true);
	while ((token = JsonbIteratorNext(&iterator, &element, true)) == WJB_ELEM)
	{
		TagJsonPlace there = {place, NULL, (int) list->n, place->depth, place->in_exactly};

		CHECK_FOR_INTERRUPTS();
		tag_json_bound(&list->values[list->n], list->rooms[list->n], source, &element, &there);
		list->n++;
	}
}
