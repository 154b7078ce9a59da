/*
 * rfm_scheme.h
 *	  From three digits to the name of a group: shipped schemes as tables, and
 *	  users' rules as a value.
 *
 * A shipped scheme has rules on x = ceil(5 r / bins) and y = ceil(5 (f + m) /
 * (2 bins)), or on which digits are high.  Its rules are disjoint and leave no
 * score out.
 *
 * The image of rfm_rules:
 *
 *	 0	int32	varlena length word
 *	 4	uint8	version, RFM_RULES_VERSION
 *	 5	uint8	zero
 *	 6	uint8	bins, 2 to 9
 *	 7	uint8	zero
 *	 8	uint32	number of rules
 *	12	each rule: six uint8, the bounds of r, f and m; uint16 bytes of the
 *		name; the name, 1 to 255 bytes, in the server's encoding
 *
 * Rules are in the order of their lowest score, disjoint and complete.
 */
#ifndef PORTRAIT_RFM_SCHEME_H
#define PORTRAIT_RFM_SCHEME_H

#include "common/core.h"

#define RFM_SCHEMES 3
#define RFM_LANGUAGES 3			/* code, en, zh */
#define RFM_MAX_BINS 9

typedef enum RfmLanguage
{
	RFM_CODE,
	RFM_ENGLISH,
	RFM_CHINESE
} RfmLanguage;

extern const char *const rfm_scheme_names[RFM_SCHEMES];
extern const char *const rfm_language_names[RFM_LANGUAGES];

/* A rule of a shipped scheme: bounds of x and y, or of "is high" (0, 1); by_digit tells */
typedef struct RfmRule
{
	uint8_t		x_lo;
	uint8_t		x_hi;
	uint8_t		y_lo;
	uint8_t		y_hi;
	uint8_t		group;			/* of the scheme */
} RfmRule;

typedef struct RfmScheme
{
	bool		by_digit;		/* groups are numbered by their high digits: 4 r + 2 f + m */
	int			nrules;
	const RfmRule *rules;
	int			ngroups;
	const char *const (*labels)[RFM_LANGUAGES];
	int			no_orders;		/* the group of score 0, or -1 */
} RfmScheme;

/* -1 when there is none of this name */
extern int	rfm_scheme_find(const char *name, size_t length);
extern int	rfm_language_find(const char *name, size_t length);

extern const RfmScheme *rfm_scheme(int scheme);

/* Three digits of a score; throws 22023 when they are not 1 to bins each */
extern void rfm_digits(int score, int bins, int *r, int *f, int *m);

/* Number of the group of a score */
extern int	rfm_scheme_group(const RfmScheme *scheme, int score, int bins);

/* Is a digit high? */
static inline bool
rfm_high(int digit, int bins)
{
	return 2 * digit > bins + 1;
}

/* ---- rfm_rules ---- */

#define RFM_RULES_VERSION 1
#define RFM_RULES_HEADER_SIZE 12
#define RFM_RULES_MAX_NAME 255
#define RFM_RULES_MAX (RFM_MAX_BINS * RFM_MAX_BINS * RFM_MAX_BINS)

typedef struct RfmUserRule
{
	uint8_t		bounds[6];		/* r, f, m: lowest and highest digit */
	uint16_t	length;			/* of the name */
	const char *name;
} RfmUserRule;

typedef struct RfmRules
{
	int			bins;
	uint32_t	n;
	const uint8_t *rules;
	const uint8_t *end;
} RfmRules;

/* Throws CORE_CORRUPT */
extern void rfm_rules_open(RfmRules *rules, const uint8_t *payload, size_t size);
/* The rule at *p, which moves on */
extern bool rfm_rules_next(const RfmRules *rules, const uint8_t **p, RfmUserRule *rule);
extern bool rfm_rules_check(const uint8_t *payload, size_t size, CoreError *error);
extern char *rfm_rules_print(const RfmRules *rules);
extern void *rfm_rules_parse(const char *text, CoreError *error);
/* NULL and the error (22023) when a score has no rule or two; sorts the rules */
extern void *rfm_rules_make(RfmUserRule *rules, uint32_t n, int bins, CoreError *error);
extern void rfm_rules_find(const RfmRules *rules, int score, RfmUserRule *rule);

#endif							/* PORTRAIT_RFM_SCHEME_H */
