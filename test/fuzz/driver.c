/*
 * driver.c
 *	  Runs a fuzz target without libFuzzer: kept inputs, then mutations.
 *
 *	  driver [--runs N] [--seed S] [--only I] [--out FOLDER] CORPUS ...
 *
 * Each CORPUS is a file or a folder of files.  Every unit is given to
 * LLVMFuzzerTestOneInput(), then N mutated ones.  Mutation I depends only on
 * the seed, I and the corpus, so that --only I repeats it alone.  A unit that
 * crashes or takes longer than MAX_SECONDS is written to FOLDER.
 */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MAX_SECONDS 60			/* for one unit */
#define MAX_UNIT (1 << 20)		/* bytes, also of a mutated unit */
#define PROGRESS_SECONDS 10

extern int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* there when built with a sanitizer */
extern void __sanitizer_set_death_callback(void (*callback) (void)) __attribute__((weak));

typedef struct Unit
{
	char	   *name;
	uint8_t    *data;
	size_t		size;
} Unit;

static Unit *units;
static size_t n_units;

/* What is being run, for the report of a crash */
static const uint8_t *current_data;
static size_t current_size;
static char current_name[512];
static const char *out_folder = ".";

static void
fail(const char *what, const char *which)
{
	fprintf(stderr, "driver: %s %s: %s\n", what, which, strerror(errno));
	exit(2);
}

/* ---- the corpus ---- */

static int
compare_units(const void *a, const void *b)
{
	return strcmp(((const Unit *) a)->name, ((const Unit *) b)->name);
}

static void
read_file(const char *path)
{
	FILE	   *file = fopen(path, "rb");
	uint8_t    *data = malloc(MAX_UNIT);
	size_t		size;
	Unit		unit;

	if (file == NULL || data == NULL)
		fail("cannot read", path);
	size = fread(data, 1, MAX_UNIT, file);
	fclose(file);

	/* no byte to spare behind it */
	unit.name = strdup(path);
	unit.data = malloc(size ? size : 1);
	unit.size = size;
	memcpy(unit.data, data, size);
	free(data);
	units = realloc(units, (n_units + 1) * sizeof(Unit));
	units[n_units++] = unit;
}

static void
read_corpus(const char *path)
{
	struct stat status;
	DIR		   *folder;
	struct dirent *entry;

	if (stat(path, &status) != 0)
		fail("cannot read", path);
	if (!S_ISDIR(status.st_mode))
	{
		read_file(path);
		return;
	}
	folder = opendir(path);
	if (folder == NULL)
		fail("cannot read", path);
	while ((entry = readdir(folder)) != NULL)
	{
		char		name[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		read_file(name);
	}
	closedir(folder);
}

/* ---- random numbers: splitmix64 ---- */

static uint64_t random_state;

static uint64_t
random_next(void)
{
	uint64_t	z = (random_state += UINT64_C(0x9E3779B97F4A7C15));

	z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
	return z ^ (z >> 31);
}

/* 0 .. n - 1 */
static size_t
random_below(size_t n)
{
	return n ? (size_t) (random_next() % n) : 0;
}

/* ---- mutation ---- */

static const uint64_t interesting[] = {
	0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1023, 1024,
	4095, 4096, 4097, 12346, 12347, 32767, 32768, 65535, 65536, 0x7fffffff,
	0x80000000, 0xffffffff, UINT64_C(0x100000000), UINT64_C(0x7fffffffffffffff),
	UINT64_C(0x8000000000000000), UINT64_C(0xffffffffffffffff)
};

/* Overwrite 1, 2, 4 or 8 bytes */
static void
put_number(uint8_t *data, size_t size, uint64_t number)
{
	size_t		width = (size_t) 1 << random_below(4);

	if (width > size)
		width = 1;
	memcpy(data + random_below(size - width + 1), &number, width);
}

/* Add a little to 1, 2, 4 or 8 bytes */
static void
add_number(uint8_t *data, size_t size)
{
	size_t		width = (size_t) 1 << random_below(4);
	uint64_t	number = 0;
	size_t		at;

	if (width > size)
		width = 1;
	at = random_below(size - width + 1);
	memcpy(&number, data + at, width);
	number += random_below(33) - UINT64_C(16);
	memcpy(data + at, &number, width);
}

/* Put n bytes of from in at a random place; the size that results */
static size_t
insert_bytes(uint8_t *data, size_t size, const uint8_t *from, size_t n)
{
	size_t		at = random_below(size + 1);

	if (n > MAX_UNIT - size)
		n = MAX_UNIT - size;
	memmove(data + at + n, data + at, size - at);
	memmove(data + at, from, n);
	return size + n;
}

static size_t
delete_bytes(uint8_t *data, size_t size)
{
	size_t		at = random_below(size);
	size_t		n = 1 + random_below(size - at < 64 ? size - at : 64);

	memmove(data + at, data + at + n, size - at - n);
	return size - n;
}

/* One step; the size that results */
static size_t
mutate_once(uint8_t *data, size_t size)
{
	uint8_t		block[64];
	const Unit *other;
	size_t		n;

	if (size == 0)
	{
		data[0] = (uint8_t) random_next();
		return 1;
	}
	switch (random_below(9))
	{
		case 0:
			data[random_below(size)] ^= (uint8_t) (1 << random_below(8));
			return size;
		case 1:
			data[random_below(size)] = (uint8_t) random_next();
			return size;
		case 2:
			put_number(data, size, interesting[random_below(sizeof(interesting) / sizeof(interesting[0]))]);
			return size;
		case 3:
			add_number(data, size);
			return size;
		case 4:
			return delete_bytes(data, size);
		case 5:
			return random_below(4) ? size : random_below(size + 1);
		case 6:					/* repeat a block */
			n = 1 + random_below(size < sizeof(block) ? size : sizeof(block));
			memcpy(block, data + random_below(size - n + 1), n);
			return insert_bytes(data, size, block, n);
		case 7:					/* random bytes */
			n = 1 + random_below(8);
			for (size_t i = 0; i < n; i++)
				block[i] = (uint8_t) random_next();
			return insert_bytes(data, size, block, n);
		default:				/* go on as another unit does */
			other = &units[random_below(n_units)];
			n = random_below(other->size < size ? other->size : size);
			if (other->size > n)
				memcpy(data + n, other->data + n, other->size - n);
			return other->size > n ? other->size : n;
	}
}

static size_t
mutate(uint8_t *data, uint64_t seed, uint64_t i)
{
	const Unit *unit;
	size_t		size;

	random_state = seed;
	random_state = random_next() + i;
	unit = &units[random_below(n_units)];
	size = unit->size;
	memcpy(data, unit->data, size);
	for (size_t step = 1 + random_below(6); step > 0; step--)
		size = mutate_once(data, size);
	return size;
}

/* ---- running ---- */

/* Keep the unit that is being run */
static void
on_death(void)
{
	char		path[1024];
	FILE	   *file;

	if (current_data == NULL)
		return;
	fprintf(stderr, "driver: failed on %s\n", current_name);
	snprintf(path, sizeof(path), "%s/crash-%ld", out_folder, (long) getpid());
	file = fopen(path, "wb");
	if (file != NULL)
	{
		fwrite(current_data, 1, current_size, file);
		fclose(file);
		fprintf(stderr, "driver: kept as %s\n", path);
	}
	current_data = NULL;
}

static void
on_signal(int number)
{
	if (number == SIGALRM)
		fprintf(stderr, "driver: still not done after %d seconds\n", MAX_SECONDS);
	on_death();
	_exit(1);
}

static void
run(const uint8_t *data, size_t size)
{
	uint8_t    *copy = malloc(size ? size : 1);

	/* a copy of its own, so that reading past its end shows */
	memcpy(copy, data, size);
	current_data = copy;
	current_size = size;
	alarm(MAX_SECONDS);
	LLVMFuzzerTestOneInput(copy, size);
	alarm(0);
	current_data = NULL;
	free(copy);
}

static void
run_mutations(uint64_t seed, uint64_t first, uint64_t end)
{
	uint8_t    *data = malloc(MAX_UNIT + 8);
	time_t		reported = time(NULL);

	for (uint64_t i = first; i < end; i++)
	{
		size_t		size = mutate(data, seed, i);

		snprintf(current_name, sizeof(current_name), "mutation %llu of seed %llu",
				 (unsigned long long) i, (unsigned long long) seed);
		run(data, size);
		if (i % 256 == 0 && time(NULL) - reported >= PROGRESS_SECONDS)
		{
			reported = time(NULL);
			fprintf(stderr, "-- %llu of %llu mutations\n",
					(unsigned long long) (i - first), (unsigned long long) (end - first));
		}
	}
	free(data);
}

int
main(int argc, char **argv)
{
	uint64_t	runs = 0;
	uint64_t	seed = 1;
	uint64_t	first = 0;
	bool		only = false;

	for (int i = 1; i < argc; i++)
	{
		if (i + 1 < argc && strcmp(argv[i], "--runs") == 0)
			runs = strtoull(argv[++i], NULL, 10);
		else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			seed = strtoull(argv[++i], NULL, 10);
		else if (i + 1 < argc && strcmp(argv[i], "--only") == 0)
		{
			first = strtoull(argv[++i], NULL, 10);
			only = true;
		}
		else if (i + 1 < argc && strcmp(argv[i], "--out") == 0)
			out_folder = argv[++i];
		else
			read_corpus(argv[i]);
	}
	if (n_units == 0)
	{
		fprintf(stderr, "driver: the corpus is empty\n");
		return 2;
	}
	qsort(units, n_units, sizeof(Unit), compare_units);

	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(on_death);
	signal(SIGABRT, on_signal);
	signal(SIGALRM, on_signal);

	if (only)
		run_mutations(seed, first, first + 1);
	else
	{
		for (size_t i = 0; i < n_units; i++)
		{
			snprintf(current_name, sizeof(current_name), "%s", units[i].name);
			run(units[i].data, units[i].size);
		}
		printf("%zu units replayed\n", n_units);
		fflush(stdout);
		if (runs > 0)
		{
			printf("seed %llu\n", (unsigned long long) seed);
			fflush(stdout);
			run_mutations(seed, 0, runs);
			printf("%llu mutations survived\n", (unsigned long long) runs);
		}
	}

	for (size_t i = 0; i < n_units; i++)
	{
		free(units[i].name);
		free(units[i].data);
	}
	free(units);
	return 0;
}
