/*
 * kernels.c
 *	  Every kernel of every level that this processor runs, against the plain
 *	  definition of what it computes.
 *
 *	  kernels [SEED [ROUNDS]]
 *
 * Inputs end where an unmapped page begins, so reading past them crashes.
 * Outputs have room for the largest possible result and the slack, end at such
 * a page too, and are filled with a pattern: what a kernel writes more than the
 * slack past its result, or before it, shows.  Prints a line "ok" or "not ok"
 * for each kernel and level.
 */
#include "segment/segment_kernels.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define VALUES 65536
#define FILLER 0xA5
#define HEADROOM 64
#define N_LEVELS 3

typedef enum Kernel
{
	BITSET_AND, BITSET_OR, BITSET_XOR, BITSET_ANDNOT, BITSET_AND_COUNT, BITSET_COUNT,
	BITSET_RUNS, BITSET_TO_ARRAY, ARRAY_AND, ARRAY_AND_COUNT, ARRAY_OR, ARRAY_XOR,
	ARRAY_ANDNOT, ARRAY_RUNS, ARRAY_BITSET_AND, ARRAY_BITSET_AND_COUNT,
	ARRAY_BITSET_ANDNOT, IDS_AND, IDS_AND_COUNT, UNPACK,
	N_KERNELS
} Kernel;

static const char *const kernel_names[N_KERNELS] = {
	"bitset_and", "bitset_or", "bitset_xor", "bitset_andnot", "bitset_and_count",
	"bitset_count", "bitset_runs", "bitset_to_array", "array_and", "array_and_count",
	"array_or", "array_xor", "array_andnot", "array_runs", "array_bitset_and",
	"array_bitset_and_count", "array_bitset_andnot", "ids_and", "ids_and_count", "unpack"
};
static const char *const level_names[N_LEVELS] = {"none", "avx2", "avx512"};

static const SegmentKernels *levels[N_LEVELS];
static bool failed[N_LEVELS][N_KERNELS];
static unsigned long calls[N_LEVELS][N_KERNELS];

/* What is running, for the message if it crashes */
static volatile int running_level;
static volatile int running_kernel;

static uint64_t seed = 1;
static unsigned long case_number;
static char case_name[128];

/*
 * Chance: splitmix64, so that a seed means the same everywhere
 */
static uint64_t chance_state;

static uint64_t
chance(void)
{
	uint64_t	z = (chance_state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static uint32_t
below(uint32_t n)
{
	return (uint32_t) (chance() % n);
}

/* Each case has its own chance, so that it can be repeated alone */
static void
start_case(const char *format,...)
{
	va_list		args;

	case_number++;
	chance_state = seed * UINT64_C(0x2545F4914F6CDD1D) + case_number;
	va_start(args, format);
	vsnprintf(case_name, sizeof(case_name), format, args);
	va_end(args);
}

static void
fail(int level, Kernel kernel, const char *format,...)
{
	va_list		args;

	if (!failed[level][kernel])
	{
		printf("# %s %s, seed %llu, case %lu (%s): ", kernel_names[kernel], level_names[level],
			   (unsigned long long) seed, case_number, case_name);
		va_start(args, format);
		vprintf(format, args);
		va_end(args);
		printf("\n");
	}
	failed[level][kernel] = true;
}

static void
crashed(int number)
{
	char		message[256];
	int			length;

	length = snprintf(message, sizeof(message),
					  "not ok - %s %s: signal %d, seed %llu, case %lu (%s)\n",
					  kernel_names[running_kernel], level_names[running_level], number,
					  (unsigned long long) seed, case_number, case_name);
	if (write(STDOUT_FILENO, message, (size_t) length) < 0)
		_exit(2);
	_exit(1);
}

/*
 * Memory that ends at an unmapped page, and begins after one
 */
typedef struct Area
{
	uint8_t    *begin;
	uint8_t    *end;
} Area;

static Area
map_area(size_t size)
{
	size_t		page = (size_t) sysconf(_SC_PAGESIZE);
	size_t		usable = (size + page - 1) / page * page;
	uint8_t    *base = mmap(NULL, usable + 2 * page, PROT_READ | PROT_WRITE,
							MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (base == MAP_FAILED || mprotect(base, page, PROT_NONE) != 0 ||
		mprotect(base + page + usable, page, PROT_NONE) != 0)
	{
		perror("mmap");
		exit(2);
	}
	return (Area) {base + page, base + page + usable};
}

static Area area_a;
static Area area_b;
static Area area_out;

/* The last place for so many bytes, or "shift" bytes before it */
static void *
place(Area area, const void *data, size_t size, size_t shift)
{
	uint8_t    *p = area.end - size - shift;

	if (size > 0)
		memcpy(p, data, size);
	return p;
}

static void *
place_output(size_t size)
{
	uint8_t    *p = area_out.end - size;

	memset(p - HEADROOM, FILLER, size + HEADROOM);
	return p;
}

/* Was anything written outside of the first "allowed" bytes of "size"? */
static void
check_output(int level, Kernel kernel, const uint8_t *out, size_t allowed, size_t size)
{
	for (const uint8_t *p = out - HEADROOM; p < out; p++)
		if (*p != FILLER)
		{
			fail(level, kernel, "wrote %td bytes before the output", out - p);
			return;
		}
	for (size_t i = allowed; i < size; i++)
		if (out[i] != FILLER)
		{
			fail(level, kernel, "wrote byte %zu, %zu past what it may", i, i - allowed);
			return;
		}
}

/* Some inputs are not at the end, so that every alignment is met */
static size_t
some_shift(size_t element)
{
	return chance() % 2 ? 0 : element * below(33);
}

static void
start(int level, Kernel kernel)
{
	running_level = level;
	running_kernel = kernel;
	calls[level][kernel]++;
}

#define FOR_LEVELS(level) \
	for (int level = 0; level < N_LEVELS; level++) \
		if (levels[level] != NULL)

/*
 * Arrays of 16-bit values
 */

typedef uint32_t (*ArrayOp) (const uint16_t *, uint32_t, const uint16_t *, uint32_t, uint16_t *);

static uint16_t expected16[2 * VALUES];

/* Which values an operation keeps: bit 1 for those of a alone, 2 for b, 3 for both */
#define KEEP_AND 8
#define KEEP_OR 14
#define KEEP_XOR 6
#define KEEP_ANDNOT 2

static uint32_t
expect_array(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb, int keep)
{
	uint32_t	n = 0;

	for (uint32_t i = 0, j = 0; i < na || j < nb;)
	{
		bool		in_a = i < na && (j == nb || a[i] <= b[j]);
		bool		in_b = j < nb && (i == na || b[j] <= a[i]);

		if (keep >> (in_a + 2 * in_b) & 1)
			expected16[n++] = in_a ? a[i] : b[j];
		i += in_a;
		j += in_b;
	}
	return n;
}

/* The array's result, or (damaged: the input was not ascending) its limits */
static void
check_array(int level, Kernel kernel, uint32_t n, const uint16_t *out, uint32_t most,
			uint32_t expected, bool damaged)
{
	size_t		size = ((size_t) most + SEGMENT_KERNEL_SLACK) * sizeof(uint16_t);
	size_t		allowed = ((damaged ? most : expected) + (size_t) SEGMENT_KERNEL_SLACK) * sizeof(uint16_t);

	if (damaged ? n > most : n != expected)
		fail(level, kernel, "%u values, not %s%u", n, damaged ? "at most " : "", damaged ? most : expected);
	else if (!damaged && n > 0 && memcmp(out, expected16, n * sizeof(uint16_t)) != 0)
		fail(level, kernel, "other values");
	check_output(level, kernel, (const uint8_t *) out, allowed, size);
}

static void
try_array_op(int level, Kernel kernel, ArrayOp op, int keep, uint32_t most, bool damaged,
			 const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb)
{
	uint32_t	expected = damaged ? 0 : expect_array(a, na, b, nb, keep);
	uint16_t   *out = place_output(((size_t) most + SEGMENT_KERNEL_SLACK) * sizeof(uint16_t));

	start(level, kernel);
	check_array(level, kernel, op(a, na, b, nb, out), out, most, expected, damaged);
}

static uint32_t
count_array_runs(const uint16_t *a, uint32_t n)
{
	uint32_t	runs = 0;

	for (uint32_t i = 0; i < n; i++)
		runs += i == 0 || a[i] != a[i - 1] + 1;
	return runs;
}

static void
try_arrays(const uint16_t *a, uint32_t na, const uint16_t *b, uint32_t nb, bool damaged)
{
	uint32_t	least = na < nb ? na : nb;

	a = place(area_a, a, na * sizeof(uint16_t), some_shift(sizeof(uint16_t)));
	b = place(area_b, b, nb * sizeof(uint16_t), some_shift(sizeof(uint16_t)));
	FOR_LEVELS(level)
	{
		const SegmentKernels *k = levels[level];
		uint32_t	n;

		try_array_op(level, ARRAY_AND, k->array_and, KEEP_AND, least, damaged, a, na, b, nb);
		try_array_op(level, ARRAY_OR, k->array_or, KEEP_OR, na + nb, damaged, a, na, b, nb);
		try_array_op(level, ARRAY_XOR, k->array_xor, KEEP_XOR, na + nb, damaged, a, na, b, nb);
		try_array_op(level, ARRAY_ANDNOT, k->array_andnot, KEEP_ANDNOT, na, damaged, a, na, b, nb);
		start(level, ARRAY_AND_COUNT);
		n = k->array_and_count(a, na, b, nb);
		if (damaged ? n > least : n != expect_array(a, na, b, nb, KEEP_AND))
			fail(level, ARRAY_AND_COUNT, "%u", n);
		start(level, ARRAY_RUNS);
		n = k->array_runs(a, na);
		if (damaged ? n > na : n != count_array_runs(a, na))
			fail(level, ARRAY_RUNS, "%u, not %u", n, count_array_runs(a, na));
	}
}

/*
 * Bitsets
 */

static uint32_t
count_bits(const uint64_t *a)
{
	uint32_t	n = 0;

	for (uint32_t v = 0; v < VALUES; v++)
		n += a[v / 64] >> v % 64 & 1;
	return n;
}

static uint32_t
count_bitset_runs(const uint64_t *a)
{
	uint32_t	runs = 0;
	uint32_t	before = 0;

	for (uint32_t v = 0; v < VALUES; v++)
	{
		uint32_t	bit = a[v / 64] >> v % 64 & 1;

		runs += bit & ~before;
		before = bit;
	}
	return runs;
}

typedef uint32_t (*BitsetOp) (uint64_t *, const uint64_t *, const uint64_t *);

/* Into a third place, and into each of the two */
static void
try_bitset_op(int level, Kernel kernel, BitsetOp op, const uint64_t *expected,
			  const uint64_t *a, const uint64_t *b, size_t shift)
{
	const size_t size = SEGMENT_WORDS * sizeof(uint64_t);

	for (int form = 0; form < 3; form++)
	{
		uint64_t   *pa = place(area_a, a, size, shift);
		uint64_t   *pb = place(area_b, b, size, shift);
		uint64_t   *out = place_output(size);
		uint64_t   *dst = form == 0 ? out : form == 1 ? pa : pb;
		uint32_t	n;

		start(level, kernel);
		n = op(dst, pa, pb);
		if (n != count_bits(expected))
			fail(level, kernel, "%u bits, not %u, form %d", n, count_bits(expected), form);
		if (memcmp(dst, expected, size) != 0)
			fail(level, kernel, "other bits, form %d", form);
		if ((form != 1 && memcmp(pa, a, size) != 0) || (form != 2 && memcmp(pb, b, size) != 0))
			fail(level, kernel, "changed its input, form %d", form);
		check_output(level, kernel, (uint8_t *) out, form == 0 ? size : 0, size);
	}
}

static void
try_bitsets(const uint64_t *a, const uint64_t *b)
{
	const size_t size = SEGMENT_WORDS * sizeof(uint64_t);
	size_t		shift = some_shift(sizeof(uint64_t));
	uint64_t	of[4][SEGMENT_WORDS];
	uint32_t	n_values = 0;
	uint32_t	bits = count_bits(a);

	for (int i = 0; i < SEGMENT_WORDS; i++)
	{
		of[0][i] = a[i] & b[i];
		of[1][i] = a[i] | b[i];
		of[2][i] = a[i] ^ b[i];
		of[3][i] = a[i] & ~b[i];
	}
	for (uint32_t v = 0; v < VALUES; v++)
		if (a[v / 64] >> v % 64 & 1)
			expected16[n_values++] = (uint16_t) v;
	FOR_LEVELS(level)
	{
		const SegmentKernels *k = levels[level];
		const uint64_t *pa;
		const uint64_t *pb;
		uint16_t   *out;
		uint32_t	n;

		try_bitset_op(level, BITSET_AND, k->bitset_and, of[0], a, b, shift);
		try_bitset_op(level, BITSET_OR, k->bitset_or, of[1], a, b, shift);
		try_bitset_op(level, BITSET_XOR, k->bitset_xor, of[2], a, b, shift);
		try_bitset_op(level, BITSET_ANDNOT, k->bitset_andnot, of[3], a, b, shift);
		pa = place(area_a, a, size, shift);
		pb = place(area_b, b, size, shift);
		start(level, BITSET_AND_COUNT);
		if ((n = k->bitset_and_count(pa, pb)) != count_bits(of[0]))
			fail(level, BITSET_AND_COUNT, "%u, not %u", n, count_bits(of[0]));
		start(level, BITSET_COUNT);
		if ((n = k->bitset_count(pa)) != bits)
			fail(level, BITSET_COUNT, "%u, not %u", n, bits);
		start(level, BITSET_RUNS);
		if ((n = k->bitset_runs(pa)) != count_bitset_runs(a))
			fail(level, BITSET_RUNS, "%u, not %u", n, count_bitset_runs(a));
		out = place_output((bits + SEGMENT_KERNEL_SLACK) * sizeof(uint16_t));
		start(level, BITSET_TO_ARRAY);
		n = k->bitset_to_array(pa, out);
		check_array(level, BITSET_TO_ARRAY, n, out, bits, n_values, false);
	}
}

static void
try_array_bitset(const uint16_t *a, uint32_t na, const uint64_t *b, bool damaged)
{
	a = place(area_a, a, na * sizeof(uint16_t), some_shift(sizeof(uint16_t)));
	b = place(area_b, b, SEGMENT_WORDS * sizeof(uint64_t), some_shift(sizeof(uint64_t)));
	FOR_LEVELS(level)
	{
		const SegmentKernels *k = levels[level];
		uint32_t	hits = 0;
		uint32_t	misses = 0;
		uint32_t	n;
		uint16_t   *out;

		for (uint32_t i = 0; i < na; i++)
			if (b[a[i] / 64] >> a[i] % 64 & 1)
				expected16[hits++] = a[i];
		out = place_output((na + SEGMENT_KERNEL_SLACK) * sizeof(uint16_t));
		start(level, ARRAY_BITSET_AND);
		n = k->array_bitset_and(a, na, b, out);
		check_array(level, ARRAY_BITSET_AND, n, out, na, hits, damaged);

		start(level, ARRAY_BITSET_AND_COUNT);
		n = k->array_bitset_and_count(a, na, b);
		if (damaged ? n > na : n != hits)
			fail(level, ARRAY_BITSET_AND_COUNT, "%u, not %u", n, hits);

		for (uint32_t i = 0; i < na; i++)
			if (!(b[a[i] / 64] >> a[i] % 64 & 1))
				expected16[misses++] = a[i];
		out = place_output((na + SEGMENT_KERNEL_SLACK) * sizeof(uint16_t));
		start(level, ARRAY_BITSET_ANDNOT);
		n = k->array_bitset_andnot(a, na, b, out);
		check_array(level, ARRAY_BITSET_ANDNOT, n, out, na, misses, damaged);
	}
}

/*
 * Arrays of 64-bit ids
 */

static uint64_t expected64[VALUES];

static size_t
expect_ids(const uint64_t *a, size_t na, const uint64_t *b, size_t nb)
{
	size_t		n = 0;

	for (size_t i = 0, j = 0; i < na; i++)
	{
		while (j < nb && b[j] < a[i])
			j++;
		if (j < nb && b[j] == a[i])
			expected64[n++] = a[i];
	}
	return n;
}

static void
try_ids(const uint64_t *a, size_t na, const uint64_t *b, size_t nb, bool damaged)
{
	size_t		most = na < nb ? na : nb;
	size_t		expected;

	a = place(area_a, a, na * sizeof(uint64_t), some_shift(sizeof(uint64_t)));
	b = place(area_b, b, nb * sizeof(uint64_t), some_shift(sizeof(uint64_t)));
	expected = damaged ? most : expect_ids(a, na, b, nb);
	FOR_LEVELS(level)
	{
		const SegmentKernels *k = levels[level];
		uint64_t   *out = place_output((most + SEGMENT_KERNEL_SLACK) * sizeof(uint64_t));
		size_t		n;

		start(level, IDS_AND);
		n = k->ids_and(a, na, b, nb, out);
		if (damaged ? n > most : n != expected)
			fail(level, IDS_AND, "%zu ids, not %zu", n, expected);
		else if (!damaged && n > 0 && memcmp(out, expected64, n * sizeof(uint64_t)) != 0)
			fail(level, IDS_AND, "other ids");
		check_output(level, IDS_AND, (uint8_t *) out, (expected + SEGMENT_KERNEL_SLACK) * sizeof(uint64_t),
					 (most + SEGMENT_KERNEL_SLACK) * sizeof(uint64_t));
		start(level, IDS_AND_COUNT);
		n = k->ids_and_count(a, na, b, nb);
		if (damaged ? n > most : n != expected)
			fail(level, IDS_AND_COUNT, "%zu, not %zu", n, expected);
	}
}

/*
 * Packed values; what lies between the last value and the limit is random
 */
static void
try_unpack(uint32_t width, uint32_t n, size_t more)
{
	static uint8_t packed[8 * 4096 + 64];
	size_t		bytes = ((size_t) n * width + 7) / 8;
	uint64_t	base = chance() % 4 == 0 ? 0 : chance();
	uint8_t    *src;

	for (size_t i = 0; i < bytes + more; i++)
		packed[i] = chance() % 8 == 0 ? 0xFF : (uint8_t) chance();
	src = place(area_a, packed, bytes + more, 0);
	for (uint32_t i = 0; i < n; i++)
	{
		uint64_t	v = 0;

		for (uint32_t j = 0; j < width; j++)
		{
			size_t		bit = (size_t) i * width + j;

			v |= (uint64_t) (packed[bit / 8] >> bit % 8 & 1) << j;
		}
		expected64[i] = base + v;
	}
	FOR_LEVELS(level)
	{
		uint64_t   *out = place_output((n + SEGMENT_KERNEL_SLACK) * sizeof(uint64_t));

		start(level, UNPACK);
		levels[level]->unpack(src, src + bytes + more, width, base, n, out);
		if (n > 0 && memcmp(out, expected64, n * sizeof(uint64_t)) != 0)
			fail(level, UNPACK, "other values");
		check_output(level, UNPACK, (uint8_t *) out, (n + SEGMENT_KERNEL_SLACK) * sizeof(uint64_t),
					 (n + SEGMENT_KERNEL_SLACK) * sizeof(uint64_t));
	}
}

/*
 * Making cases
 */

static uint16_t array_a[VALUES];
static uint16_t array_b[VALUES];
static uint64_t bitset_a[SEGMENT_WORDS];
static uint64_t bitset_b[SEGMENT_WORDS];
static uint64_t ids_a[VALUES];
static uint64_t ids_b[VALUES];

/* n values of "span" that begin at "from": each with the chance that is left */
static void
draw_array(uint16_t *a, uint32_t n, uint32_t from, uint32_t span)
{
	for (uint32_t v = 0, i = 0; i < n; v++)
		if (below(span - v) < n - i)
			a[i++] = (uint16_t) (from + v);
}

static const uint32_t sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 32, 33,
	47, 48, 63, 64, 65, 95, 96, 127, 128, 129, 255, 256, 257, 511, 1000, 4095, 4096};

#define N_SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* Two arrays of these sizes that have little or much in common */
static void
array_case(uint32_t na, uint32_t nb)
{
	uint32_t	most = na > nb ? na : nb;
	uint32_t	span = most + 1 + (below(3) ? below(4 * most + 8) : below(VALUES - most));
	uint32_t	from;

	if (span > VALUES)
		span = VALUES;
	from = below(4) ? below(VALUES - span + 1) : below(2) ? 0 : VALUES - span;
	start_case("arrays of %u and %u within %u from %u", na, nb, span, from);
	draw_array(array_a, na, from, span);
	draw_array(array_b, nb, from, span);
	try_arrays(array_a, na, array_b, nb, false);
}

/* Every two subsets of six values, next to each other and far apart */
static void
small_array_cases(void)
{
	static const uint16_t universe[][6] = {
		{0, 1, 2, 3, 4, 5},
		{65530, 65531, 65532, 65533, 65534, 65535},
		{0, 1, 32767, 32768, 65534, 65535}
	};

	for (int u = 0; u < 3; u++)
		for (uint32_t sets = 0; sets < 4096; sets++)
		{
			uint32_t	na = 0;
			uint32_t	nb = 0;

			start_case("subsets %03x of universe %d", sets, u);
			for (int i = 0; i < 6; i++)
			{
				if (sets >> i & 1)
					array_a[na++] = universe[u][i];
				if (sets >> (6 + i) & 1)
					array_b[nb++] = universe[u][i];
			}
			try_arrays(array_a, na, array_b, nb, false);
		}
}

/* Equal, disjoint, interleaved, one behind the other, all there is */
static void
special_array_cases(void)
{
	for (size_t s = 0; s < N_SIZES; s++)
	{
		uint32_t	n = sizes[s];

		start_case("two equal arrays of %u", n);
		draw_array(array_a, n, 0, VALUES);
		try_arrays(array_a, n, array_a, n, false);
		start_case("even and odd values, %u", n);
		for (uint32_t i = 0; i < n; i++)
		{
			array_a[i] = (uint16_t) (2 * i);
			array_b[i] = (uint16_t) (2 * i + 1);
		}
		try_arrays(array_a, n, array_b, n, false);
		start_case("runs of %u that touch", n);
		for (uint32_t i = 0; i < n; i++)
		{
			array_a[i] = (uint16_t) i;
			array_b[i] = (uint16_t) (n + i);
		}
		try_arrays(array_a, n, array_b, n, false);
		try_arrays(array_b, n, array_a, n, false);
		start_case("%u last values and all", n);
		for (uint32_t i = 0; i < VALUES; i++)
			array_b[i] = (uint16_t) i;
		try_arrays(array_b + VALUES - n, n, array_b, VALUES, false);
		try_arrays(array_b, VALUES, array_b, n, false);
	}
	start_case("all values twice");
	try_arrays(array_b, VALUES, array_b, VALUES, false);
}

/*
 * Values that break the rule.  In the last kind each few have the same values
 * again, so that many pairs are equal, and end with a large or a small one, so
 * that one side is left behind and the other met again and again.
 */
static uint64_t
damaged_value(int kind, uint32_t i, uint32_t n, uint64_t last)
{
	switch (kind)
	{
		case 0:
			return 7;
		case 1:
			return n - i;
		case 2:
			return chance() & last;
		case 3:
			return i;
		case 4:
			return below(3);
		default:
			return i % 4 < 3 || below(3) ? 1 + i % 4 : below(2) ? last : 0;
	}
}

#define DAMAGED_KINDS 6

/* Nobody knows the answer, but it must not leave its bounds */
static void
damaged_case(uint32_t na, uint32_t nb)
{
	int			kind_a = (int) below(DAMAGED_KINDS);
	int			kind_b = (int) below(DAMAGED_KINDS);

	start_case("damaged, %u of kind %d and %u of kind %d", na, kind_a, nb, kind_b);
	for (uint32_t i = 0; i < na; i++)
	{
		ids_a[i] = damaged_value(kind_a, i, na, UINT64_MAX);
		array_a[i] = (uint16_t) ids_a[i];
	}
	for (uint32_t i = 0; i < nb; i++)
	{
		ids_b[i] = damaged_value(kind_b, i, nb, UINT64_MAX);
		array_b[i] = (uint16_t) ids_b[i];
	}
	for (int i = 0; i < SEGMENT_WORDS; i++)
		bitset_b[i] = chance();
	try_ids(ids_a, na, ids_b, nb, true);
	try_arrays(array_a, na, array_b, nb, true);
	try_array_bitset(array_a, na, bitset_b, true);
}

/* Bits by a pattern, in which each bit is set with about density / 16 */
static void
draw_bitset(uint64_t *bits, int pattern)
{
	uint32_t	density = below(17);

	for (int i = 0; i < SEGMENT_WORDS; i++)
		switch (pattern)
		{
			case 0:
				bits[i] = 0;
				break;
			case 1:
				bits[i] = UINT64_MAX;
				break;
			case 2:
				bits[i] = UINT64_C(0x5555555555555555);
				break;
			case 3:
				bits[i] = below(8) ? 0 : UINT64_C(1) << below(64);
				break;
			case 4:				/* runs that end at and cross words */
				bits[i] = below(2) ? UINT64_MAX : below(2) ? UINT64_MAX << below(64) : UINT64_MAX >> below(64);
				break;
			case 5:
				bits[i] = i == 0 || i == SEGMENT_WORDS - 1 ? UINT64_C(0x8000000000000001) : 0;
				break;
			default:
				bits[i] = 0;
				for (int j = 0; j < 64; j++)
					bits[i] |= (uint64_t) (below(16) < density) << j;
		}
}

#define N_PATTERNS 7

static void
bitset_cases(void)
{
	for (int a = 0; a < N_PATTERNS; a++)
		for (int b = 0; b < N_PATTERNS; b++)
		{
			start_case("bitsets of patterns %d and %d", a, b);
			draw_bitset(bitset_a, a);
			draw_bitset(bitset_b, b);
			try_bitsets(bitset_a, bitset_b);
		}
	/* a bit in each word alone */
	for (uint32_t v = 0; v < VALUES; v += 1 + 61 * (v / 64 % 16 != 0))
	{
		start_case("bit %u", v);
		memset(bitset_a, 0, sizeof(bitset_a));
		bitset_a[v / 64] = UINT64_C(1) << v % 64;
		array_a[0] = (uint16_t) v;
		try_array_bitset(array_a, 1, bitset_a, false);
		if (v % 97 == 0)
			try_bitsets(bitset_a, bitset_a);
	}
}

static void
array_bitset_case(uint32_t n)
{
	uint32_t	span = n + below(VALUES - n + 1);

	start_case("array of %u within %u and a bitset", n, span);
	draw_bitset(bitset_b, (int) below(N_PATTERNS));
	draw_array(array_a, n, below(VALUES - span + 1), span);
	try_array_bitset(array_a, n, bitset_b, false);
}

/* Ascending ids, na in a and nb in b; "common" in 16 are in both */
static void
ids_case(size_t na, size_t nb)
{
	uint32_t	common = below(17);
	uint32_t	shift = below(50);
	uint64_t	id = below(2) ? 0 : below(2) ? UINT64_C(0x7FFFFFFFFFFFFF00) : chance() >> 1;
	size_t		i = 0;
	size_t		j = 0;

	start_case("%zu and %zu ids, %u in 16 in both, gaps below 2^%u", na, nb, common, shift);
	while (i < na || j < nb)
	{
		bool		both = i < na && j < nb && below(16) < common;
		bool		in_a = i < na && (both || j == nb || below((uint32_t) (na + nb)) < na);

		if (in_a)
			ids_a[i++] = id;
		if (both || !in_a)
			ids_b[j++] = id;
		id += 1 + (chance() & ((UINT64_C(1) << shift) - 1)) / (na + nb);
	}
	try_ids(ids_a, na, ids_b, nb, false);
	if (na > 0 && nb > 0)
	{
		ids_a[na - 1] = ids_b[nb - 1] = UINT64_MAX;
		try_ids(ids_a, na, ids_b, nb, false);
	}
}

static void
unpack_cases(void)
{
	for (uint32_t width = 1; width <= 64; width++)
	{
		if (width > 56 && width < 64)
			continue;
		for (uint32_t n = 0; n <= 128; n++)
			for (size_t more = 0; more < 3; more++)
			{
				start_case("%u values of %u bits, %zu bytes to spare", n, width, more * more * 9);
				try_unpack(width, n, more * more * 9);
			}
		start_case("4096 values of %u bits", width);
		try_unpack(width, 4096, 0);
	}
}

static void
random_round(void)
{
	for (size_t s = 0; s < N_SIZES; s++)
	{
		size_t		t = below(N_SIZES);

		array_case(sizes[s], sizes[t]);
		array_case(below(40), sizes[t]);
		array_bitset_case(sizes[s]);
		ids_case(sizes[s], sizes[t]);
		ids_case(below(40), sizes[t]);
		damaged_case(sizes[s], sizes[t]);
		damaged_case(sizes[s], sizes[s]);
	}
	/* few against many, dense, and more than an array has in practice */
	array_case(below(50), 8192 + below(VALUES - 8192));
	array_case(8192 + below(VALUES - 8192), below(50));
	array_case(below(VALUES), below(VALUES));
	array_bitset_case(below(VALUES));
	ids_case(below(20), 20000);
	ids_case(20000, below(20));
	start_case("random bitsets");
	draw_bitset(bitset_a, N_PATTERNS - 1);
	draw_bitset(bitset_b, N_PATTERNS - 1);
	try_bitsets(bitset_a, bitset_b);
}

static int
report(void)
{
	int			number = 0;
	int			failures = 0;

	for (int kernel = 0; kernel < N_KERNELS; kernel++)
		for (int level = 0; level < N_LEVELS; level++)
		{
			const char *ok = failed[level][kernel] ? "not ok" : "ok";

			number++;
			if (levels[level] == NULL)
				printf("ok %d - %s %s # SKIP not on this processor\n", number,
					   kernel_names[kernel], level_names[level]);
			else
				printf("%s %d - %s %s, %lu calls\n", ok, number, kernel_names[kernel],
					   level_names[level], calls[level][kernel]);
			failures += failed[level][kernel];
		}
	printf("1..%d\n", number);
	return failures > 0;
}

int
main(int argc, char **argv)
{
	unsigned long rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 10;

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 10);
	printf("# seed %llu\n", (unsigned long long) seed);
	signal(SIGSEGV, crashed);
	signal(SIGBUS, crashed);
	signal(SIGILL, crashed);
	for (int level = 0; level < N_LEVELS; level++)
		levels[level] = segment_kernels_at((CpuLevel) level);
	area_a = map_area(VALUES * sizeof(uint64_t) + 4096);
	area_b = map_area(VALUES * sizeof(uint64_t) + 4096);
	area_out = map_area((VALUES + 1024) * sizeof(uint64_t));

	unpack_cases();
	small_array_cases();
	special_array_cases();
	bitset_cases();
	for (size_t a = 0; a < N_SIZES; a++)
		for (size_t b = 0; b < N_SIZES; b++)
		{
			array_case(sizes[a], sizes[b]);
			ids_case(sizes[a], sizes[b]);
		}
	for (unsigned long i = 0; i < rounds; i++)
		random_round();
	return report();
}
