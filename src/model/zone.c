/* zone.c: the names of time zones. */
#include "model/zone.h"

#include <string.h>

#include "base/text.h"

#define NAME_BYTES_MAX 64

/* Digits are left to the Etc zones. */
bool zone_may_exist(const char *zone)
{
	static const char letters[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_/-+";
	size_t len = strspn(zone, letters);

	if (len == 0 || strlen(zone) > NAME_BYTES_MAX)
		return false;
	return zone[len] == '\0' || text_starts_with(zone, "Etc/GMT");
}

const struct err *zone_err(struct arena *arena)
{
	return err_of_field(arena, "tz",
	    "The time zone is not known. Use an IANA name such as Europe/Berlin.");
}
