/*
 * tagquery_set_text.c
 *	  The text of a compiled set: tagquery_set: and the binary form in base64.
 *
 * Nobody reads a million rules: tagquery_set_rules() shows them.
 */
#include "common/base64.h"
#include "tag/tagquery_set.h"

#define TEXT_PREFIX "tagquery_set:"
#define TEXT_PREFIX_LENGTH (sizeof(TEXT_PREFIX) - 1)

/* Of the input, in messages */
#define EXCERPT_LENGTH 100

static bool
is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool
bad_text(const char *text, size_t length, CoreError *error)
{
	return core_set_error(error, CORE_BAD_TEXT,
						  "invalid input syntax for type tagquery_set: \"%.*s%s\"",
						  (int) core_clip(text, length, EXCERPT_LENGTH), text,
						  length > EXCERPT_LENGTH ? "..." : "");
}

void *
tagquery_set_parse(const char *text, size_t length, CoreError *error)
{
	const char *digits = text;
	const char *end = text + length;
	uint8_t    *binary;
	size_t		size;
	size_t		where;
	const char *problem;
	void	   *value = NULL;

	while (digits < end && is_space(*digits))
		digits++;
	while (end > digits && is_space(end[-1]))
		end--;
	if ((size_t) (end - digits) < TEXT_PREFIX_LENGTH ||
		memcmp(digits, TEXT_PREFIX, TEXT_PREFIX_LENGTH) != 0)
	{
		bad_text(text, length, error);
		core_set_detail(error, "Expected \"%s\" at the start.", TEXT_PREFIX);
		core_set_hint(error, "Sets are made of rules by tagquery_set_agg().");
		return NULL;
	}
	digits += TEXT_PREFIX_LENGTH;
	binary = core_alloc(core_base64_size((size_t) (end - digits)) + 1);
	problem = core_base64_decode(digits, (size_t) (end - digits), binary, &size, &where);
	if (problem != NULL)
	{
		bad_text(text, length, error);
		core_set_detail(error, "Expected %s at byte %zu.", problem,
						(size_t) (digits - text) + where + 1);
	}
	else
		value = tagquery_set_read(binary, size, CORE_BAD_TEXT, error);
	core_free(binary);
	return value;
}

char *
tagquery_set_print(const TagquerySetView *view)
{
	size_t		size = tagquery_set_binary_size(view);
	size_t		length = TEXT_PREFIX_LENGTH + core_base64_length(size);
	char	   *text = core_alloc(length + 1);

	memcpy(text, TEXT_PREFIX, TEXT_PREFIX_LENGTH);
	core_base64_encode(view->payload, size, text + TEXT_PREFIX_LENGTH);
	text[length] = '\0';
	return text;
}
