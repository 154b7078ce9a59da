/*
 * seed_value.c
 *	  Writes the first inputs of the fuzz target value.
 *
 *	  seed_value FOLDER
 *
 * Each text below becomes an input for its type as text, as bytes, and as
 * bytes with one flipped.  Recipes come from a generator.  Build it as
 * test/fuzz/run builds the target, in place of fuzz_value.c and driver.c.
 */
#include "core_standalone.h"

#include <stdio.h>
#include <stdlib.h>

#include "value/lifecycle.h"
#include "value/pareto.h"
#include "value/price.h"
#include "value/rfm_model.h"
#include "value/rfm_scheme.h"
#include "value/rfm_summary.h"
#include "value/value_pool.h"

typedef void *(*Parse) (const char *text, CoreError *error);

static const Parse parsers[] = {
	rfm_parse, rfm_model_parse, rfm_rules_parse, pareto_parse, price_parse, flow_parse,
	value_pool_parse
};

static const struct
{
	int			type;
	const char *name;
	const char *text;
}			texts[] = {
	{0, "summary", "{\"orders\": 10, \"first\": \"2026-03-21 10:01:19\", \"last\": \"2026-10-07 10:14:39.5\", "
	"\"amount\": 60.25, \"gaps\": [100, 99, 1]}"},
	{0, "refunds", "{\"orders\": 0, \"amount\": -12.5000000000000000}"},
	{0, "double", "{\"orders\": 1, \"first\": \"-4713-11-24 00:00:00\", \"last\": \"-4713-11-24 00:00:00\", "
	"\"amount_double\": [0.1, -5.5e-18], \"gaps\": []}"},
	{0, "late", "{\"orders\": 2, \"first\": \"294276-12-31 23:59:59.999999\", \"last\": \"294276-12-31 23:59:59.999999\", "
	"\"amount\": 123456789012345678901234567890123456789012.000001, \"gaps\": []}"},
	{0, "long-form", "{\"orders\": 0, \"amount\": 0."
	"0000000000000000000000000000000000000000000000000000000000000000000000000000001}"},
	{0, "no-day", "{\"orders\": 1, \"first\": \"2026-02-29 00:00:00\", \"last\": \"2026-02-29 00:00:00\", "
	"\"amount\": 1, \"gaps\": []}"},
	{1, "model", "{\"bins\": 2, \"method\": \"median\", \"upper_closed\": true, \"customers\": 5, "
	"\"recency\": [30], \"frequency\": [2], \"monetary\": [99.5], \"customers_by_recency\": [2, 3], "
	"\"customers_by_frequency\": [3, 2], \"customers_by_monetary\": [3, 2]}"},
	{1, "given", "{\"bins\": 3, \"method\": \"given\", \"upper_closed\": false, \"customers\": 0, "
	"\"recency\": [30, 30], \"frequency\": [-1e300, 2], \"monetary\": [0.1, 1e17], "
	"\"customers_by_recency\": [0, 0, 0], \"customers_by_frequency\": [0, 0, 0], "
	"\"customers_by_monetary\": [0, 0, 0]}"},
	{2, "rules", "{\"bins\": 2, \"rules\": [{\"r\": [1, 1], \"f\": [1, 2], \"m\": [1, 2], \"name\": \"a\\\"b\\u0009\"}, "
	"{\"r\": [2, 2], \"f\": [1, 2], \"m\": [1, 2], \"name\": \"\xE9\xAB\x98\"}]}"},
	{2, "gap", "{\"bins\": 2, \"rules\": [{\"r\": [1, 1], \"f\": [1, 2], \"m\": [1, 2], \"name\": \"a\"}]}"},
	{3, "pareto", "{\"values\": [-1.25, 0, [0.1, 300], [2, 20], 1e300]}"},
	{3, "pareto-plain", "{\"values\": [1, 2, 3, 4, 90]}"},
	{4, "price", "{\"orders\": 3, \"discounted\": 2, \"rates\": 0.297500000000000, \"prices\": 300.00, "
	"\"discounts\": 29.75}"},
	{5, "flow", "{\"prospect\": {\"prospect\": 12}, \"active\": {\"active\": 1, \"at_risk\": 56}}"},
	{5, "flow-empty", "{}"},
	{6, "pool", "{\"columns\": 1, \"bins\": 5, \"method\": \"quantile\", \"kind\": \"any\", \"values\": [[1, [2.5, 3]]]}"},
	{6, "pool-model", "{\"columns\": 3, \"bins\": 2, \"method\": \"mean\", \"kind\": \"exact\", \"values\": [[1, [2.5, 3]], [[1, 4]], [1, 2, 3, 4]]}"},
};

static const char *folder;

static void
write_input(const char *kind, const char *name, const uint8_t *bytes, size_t n)
{
	char		path[4096];
	FILE	   *file;

	snprintf(path, sizeof(path), "%s/%s-%s", folder, kind, name);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(bytes, 1, n, file) != n || fclose(file) != 0)
	{
		fprintf(stderr, "cannot write %s\n", path);
		exit(2);
	}
}

int
main(int argc, char **argv)
{
	uint8_t		buffer[2048];
	uint64_t	state = 1;

	if (argc != 2)
	{
		fprintf(stderr, "usage: seed_value FOLDER\n");
		return 2;
	}
	folder = argv[1];
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		CoreError	error;
		size_t		size = strlen(texts[i].text);
		uint8_t    *value = parsers[texts[i].type] (texts[i].text, &error);

		buffer[0] = (uint8_t) (7 + texts[i].type);
		memcpy(buffer + 1, texts[i].text, size);
		write_input("text", texts[i].name, buffer, size + 1);
		if (value == NULL)
			continue;
		size = value_size(value) - 4;
		buffer[0] = (uint8_t) texts[i].type;
		memcpy(buffer + 1, value + 4, size);
		write_input("bytes", texts[i].name, buffer, size + 1);
		buffer[1 + size / 2] ^= 1;
		write_input("damaged", texts[i].name, buffer, size + 1);
	}
	for (int recipe = 0; recipe < 12; recipe++)
	{
		size_t		size = (size_t) 40 << (recipe % 6);
		char		name[16];

		if (size > sizeof(buffer))
			size = sizeof(buffer);
		for (size_t i = 1; i < size; i++)
		{
			state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
			buffer[i] = (uint8_t) (state >> 56);
			/* days close to each other, amounts that are small, in some */
			if (recipe < 6 && i % 4 == 2 && recipe % 2 == 0)
				buffer[i] = 35;
			if (recipe < 6 && i % 4 == 3 && recipe % 3 == 0)
				buffer[i] &= 0x1F;
		}
		buffer[0] = recipe < 6 ? 14 : 15;
		sprintf(name, "%d", recipe);
		write_input(recipe < 6 ? "orders" : "numbers", name, buffer, size);
	}
	core_release_all();
	return 0;
}
