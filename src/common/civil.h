/*
 * civil.h
 *	  The proleptic Gregorian calendar; days count from 2000-01-01.
 *
 * Inside, years start with March, so that the leap day comes last.
 */
#ifndef PORTRAIT_CIVIL_H
#define PORTRAIT_CIVIL_H

#include "common/core.h"

#define CIVIL_DAYS_TO_2000 730425		/* from 0000-03-01 */
#define CIVIL_DAYS_OF_400_YEARS 146097

static inline void
day_to_civil(int64_t day, int64_t *year, int *month, int *mday)
{
	int64_t		z = day + CIVIL_DAYS_TO_2000;
	int64_t		era = (z >= 0 ? z : z - (CIVIL_DAYS_OF_400_YEARS - 1)) / CIVIL_DAYS_OF_400_YEARS;
	int			doe = (int) (z - era * CIVIL_DAYS_OF_400_YEARS);
	int			yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int			doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int			mp = (5 * doy + 2) / 153;

	*mday = doy - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = era * 400 + yoe + (*month <= 2);
}

static inline int64_t
civil_to_day(int64_t year, int month, int mday)
{
	int64_t		y = year - (month <= 2);
	int64_t		era = (y >= 0 ? y : y - 399) / 400;
	int			yoe = (int) (y - era * 400);
	int			doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + mday - 1;
	int			doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * CIVIL_DAYS_OF_400_YEARS + doe - CIVIL_DAYS_TO_2000;
}

#endif							/* PORTRAIT_CIVIL_H */
