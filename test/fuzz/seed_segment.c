/*
 * seed_segment.c
 *	  Writes the first inputs of the fuzz target segment.
 *
 *	  seed_segment FOLDER
 *
 * From each recipe below come one input for each mode of fuzz_segment.c, as
 * far as it is small.  Build it as test/fuzz/run builds the target, in place
 * of fuzz_segment.c and driver.c.  Inputs that the fuzzer found live in the
 * same folder; they have hashes as names.
 */
#include "core_standalone.h"
#include "segment_model.h"

#include <ctype.h>
#include <stdio.h>

#include "common/base64.h"

#define LARGEST 1000

/*
 * Steps by letter, with the widths of their numbers: G goto, S skip, F skip
 * far, I ids, R range, L long range, P pattern, W wide pattern, V wide ranges,
 * N random, K chunks, A align, O other, C copy, E end.
 */
static const char *const steps[STEPS] = {
	"G8", "S2", "F12", "I1", "R2", "L12", "P112", "W11", "V121", "N12", "K1",
	"A", "O", "C", "E"
};

static const char *const recipes[][2] = {
	{"empty", ""},
	{"one", "I1 O G9223372036854775808 I1"},
	{"array", "I200 O S100 I200 R50"},
	{"array-limit", "A P1 2 2048 O A P1 2 2048 S1 I1"},
	{"bitset", "A P1 0 2200 O C S6000 P0 1 2500"},
	{"bitset-sparse", "A P2 1 2100 O A W20 100"},
	{"runs", "A P200 99 150 O A S50 P90 300 120 R9000"},
	{"runs-array", "A R100 S7 R300 O A P0 9 900"},
	{"full", "A K0 S5 K3 I2 O A F16 1 K5"},
	{"full-bitset", "A K2 P1 0 2200 O A P2 0 2200 K1"},
	{"huge", "G9223372036854775808 L48 20000 O G9223372036854775808 L40 9 F40 3 L32 5"},
	{"everything", "G0 L62 3 O G5 L62 2"},
	{"too-many", "G0 L62 1 F62 1 L62 1 O G7 L62 2"},
	{"ends", "G0 I1 G18446744073709551615 I1 O G0 R9 G18446744073709551600 R15"},
	{"sparse", "W20 200 O W21 150"},
	{"sparse-wide", "G0 N0 100 O C G17 N4 100"},
	{"sparse-close", "W17 255 O W16 200 W18 120"},
	{"sparse-groups", "P0 1 4 F16 1 I4 F16 1 I3 F17 1 R3 F16 5 I5 F16 1 W19 20 O W16 60"},
	{"negative", "G9223372036854770000 I90 R99 S900 R900 O G9223372036854775000 R2000"},
	{"mixed", "G9223372036000000000 W18 50 A P1 0 2200 A K1 R9 F20 1 W16 200 "
	"O G9223372036000000000 W19 80 A P5 3 700 F20 1 K2 I7"},
	{"buckets", "I3 F32 1 R9 F33 1 I1 F40 1 W32 30 F30 1 P1 1 300 O F32 1 I9"},
	{"same-start", "G9223372036854775808 I200 F20 1 N8 90 F20 1 I1 "
	"O G9223372036854775808 I200 F20 1 N8 90 F20 1 S2 I1"},
	{"same-lows", "G9223372036854775808 R4 S4 I1 "
	"O G9223372036854775808 R3 S3 R1"},
	{"last-place", "A P1 0 2200 S58934 R2 O A F16 1 S0 "
	"G9223372036854775808 R99 S900 R900 S63632 R1"},
	{"entries", "G9223372036854775808 V16 1500 9 O G9223372036854775808 V17 1100 4"},
	{"entries-far", "G9223372036854775808 V16 600 9 F40 1 I1 O G5 I1 "
	"G9223372036854775808 V16 300 9"},
	{"unsorted", "G9223372036854785808 I9 G9223372036854775808 R99 N40 300 G5 I1 O C N20 90"},
};

static const char *const texts[][2] = {
	{"spaces", " \t{ 1 ,\n+5 - 9, -7--3,\v007 }\f\r"},
	{"backwards", "{1,9-5}"},
	{"comma", "{1,}"},
	{"no-item", "{,}"},
	{"junk", "{1-3}x"},
	{"ends-early", "{1-"},
	{"three", "{1-2-3}"},
	{"range", "{1,9223372036854775808}"},
	{"low", "{-9223372036854775808,9223372036854775807,-9223372036854775809}"},
	{"members", "{-9223372036854775808-9223372036854775807}"},
	{"padding", "segment:AQAAAAA=="},
	{"digits", "segment:AQAAA*=="},
	{"prefix", "segmen"},
	{"overlaps", "{30,3-6,6-8,5,20-25,1,29}"},
	{"superfluous", "segment:AR=="},
	{"short", "segment:AQ"},
	{"utf8", "{1,2,3}\xC3\xA4\xE5\xA4\xA7"},
};

/* What our own writer never makes, in hex */
static const char *const roaring[][2] = {
	{"above-array", "0100000000000000 00000080 3a30000001000000 0500 0000 10000000 0700"},
	{"above-run", "0100000000000000 ffffffff 3b300000 01 ffff 0100 0100 0900 0100"},
	{"buckets-down", "0200000000000000 01000000 3a30000000000000 00000000 3a30000000000000"},
	{"bucket-empty", "0200000000000000 00000000 3a30000000000000 "
	"01000000 3a30000001000000 0500 0000 10000000 0700"},
	{"keys-down", "3a30000002000000 0500 0000 0400 0000 18000000 1a000000 0700 0800"},
	{"runs-adjacent", "3b300000 01 0000 6300 0300 0000 0100 0200 0000 0500 0000"},
	{"runs-overlap", "3b300000 01 0000 6300 0200 0000 0500 0500 0100"},
	{"runs-none", "3b300000 01 0000 6300 0000"},
	{"run-too-long", "3b300000 01 0000 6300 0100 f0ff 1000"},
	{"flag-clear", "3b300000 00 0000 0000 0900"},
	{"offset", "3a30000001000000 0500 0000 11000000 0700"},
	{"trailing", "3a30000000000000 00"},
	{"too-few", "ffffffff00000000 00000000 3a30000000000000"},
	{"cookie", "3c30000000000000"},
};

/* What is flipped, and where; the last is left for the fuzzer */
static const uint8_t damages[][6] = {
	{32, 0, 0x01, 8, 0, 0xFF},
	{39, 0, 0x10, 4, 0, 0x03},
	{40, 0, 0xFF, 41, 0, 0xFF},
	{47, 0, 0x20, 48, 0, 0x80},
	{12, 0, 0x40, 20, 0, 0x01},
};

static const char *folder;

static void
write_input(const char *kind, const char *name, const uint8_t *data, size_t size)
{
	char		path[512];
	FILE	   *file;

	if (size > LARGEST)
		return;
	snprintf(path, sizeof(path), "%s/%s-%s", folder, kind, name);
	file = fopen(path, "wb");
	if (file == NULL || fwrite(data, 1, size, file) != size || fclose(file) != 0)
	{
		fprintf(stderr, "cannot write %s\n", path);
		exit(1);
	}
}

/* A recipe in letters to one in bytes; returns the number of bytes */
static size_t
encode(const char *recipe, uint8_t *out)
{
	uint8_t    *p = out;

	while (*recipe != '\0')
	{
		const char *widths;
		int			step = 0;

		while (steps[step][0] != *recipe)
			step++;
		*p++ = (uint8_t) step;
		recipe++;
		for (widths = steps[step] + 1; *widths != '\0'; widths++)
		{
			char	   *end;
			uint64_t	number = strtoull(recipe, &end, 10);

			recipe = end;
			memcpy(p, &number, *widths - '0');
			p += *widths - '0';
		}
		while (isspace((unsigned char) *recipe))
			recipe++;
	}
	return p - out;
}

/* A value as base64, and one that is damaged */
static void
write_base64(const char *name, const SegmentView *view)
{
	char		text[2 * LARGEST] = "\1segment:";
	size_t		length = 9 + core_base64_length(view->size - 4);

	core_base64_encode(view->base + 4, view->size - 4, text + 9);
	write_input("base64", name, (const uint8_t *) text, length);
	text[9 + 8] ^= 1;
	write_input("base64-damaged", name, (const uint8_t *) text, length);
}

static void
write_hex(const char *name, const char *hex)
{
	uint8_t		bytes[LARGEST] = {2, 0};
	size_t		n = 2;
	unsigned int byte;

	for (; sscanf(hex, " %2x", &byte) == 1; n++)
	{
		bytes[n] = (uint8_t) byte;
		hex += strspn(hex, " ") + 2;
	}
	write_input("roaring", name, bytes, n);
}

/* The first set as bytes, text and Roaring */
static void
write_forms(const char *name, const uint8_t *recipe, size_t size, uint8_t *buffer)
{
	Model		ma;
	Model		mb;
	Segment    *a;
	SegmentView view;
	char	   *text;
	CoreError	error;

	recipe_cook(recipe, size, &ma, &mb);
	model_normalize(&ma);
	if (model_count(&ma) > SEGMENT_MAX_COUNT)
		return;
	a = model_build(&ma);
	segment_open(&view, a, segment_size(a));
	if (view.size > LARGEST)
		return;
	buffer[0] = 0;
	memcpy(buffer + 1, view.base + 4, view.size - 4);
	write_input("bytes", name, buffer, view.size - 3);
	if (view.size < 60)
		write_base64(name, &view);
	text = segment_print(&view);
	if (strlen(text) < LARGEST)
	{
		buffer[0] = 1;
		memcpy(buffer + 1, text, strlen(text));
		write_input("text", name, buffer, strlen(text) + 1);
	}
	for (int bits = 32; view.n < 1000 && bits <= 64; bits += 32)
	{
		uint8_t    *bytes = segment_to_roaring(&view, bits, 2, &size, &error);

		if (bytes == NULL)
			continue;
		bytes[0] = 2;
		bytes[1] = bits == 64 ? 0 : 1;
		write_input(bits == 64 ? "roaring64" : "roaring32", name, bytes, size);
	}
}

int
main(int argc, char **argv)
{
	uint8_t		buffer[2 * LARGEST];

	if (argc != 2)
	{
		fprintf(stderr, "usage: seed_segment FOLDER\n");
		return 2;
	}
	folder = argv[1];
	segment_kernels_use(CPU_AVX512);
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++)
	{
		size_t		size = 1 + encode(recipes[i][1], buffer + 1);

		buffer[0] = 3;
		write_input("recipe", recipes[i][0], buffer, size);
		write_forms(recipes[i][0], buffer + 1, size - 1, buffer + size);
		buffer[size] = STEP_END;
		memcpy(buffer + size + 1, damages[i % 5], 6);
		buffer[0] = 4;
		write_input("damaged", recipes[i][0], buffer, size + 7);
		buffer[0] = 5;
		write_input("damaged-roaring", recipes[i][0], buffer, size + 4);
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
	{
		buffer[0] = 1;
		memcpy(buffer + 1, texts[i][1], strlen(texts[i][1]));
		write_input("text", texts[i][0], buffer, strlen(texts[i][1]) + 1);
	}
	for (size_t i = 0; i < sizeof(roaring) / sizeof(roaring[0]); i++)
		write_hex(roaring[i][0], roaring[i][1]);
	core_release_all();
	return 0;
}
