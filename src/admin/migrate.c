/* migrate.c: brings the database to the schema of this version, or tells how far it is. */
#include "db/migrate.h"

#include <stdio.h>
#include <sysexits.h>

#include "admin/admin.h"

const struct err *admin_migrate(struct admin *admin)
{
	struct option_row options[] = {{.name = "status", .is_flag = true}};
	struct migrate_report report = {0};
	const struct err *err = option_read(admin, options, ARRAY_LEN(options), 0, 0);
	bool is_dry = options[0].value != NULL;

	if (err == NULL)
		err = admin_open(admin);
	if (err == NULL)
		err = migrate(admin->ctx.db, admin->ctx.arena, admin_data(admin, "sql/migrations"),
		    is_dry, &report);
	if (err != NULL)
		return err;
	(void)fputs(report.lines == NULL ? "" : report.lines, stdout);
	if (report.adopted)
		(void)printf("the database made from the plan %s taken over with its rows\n",
		    is_dry ? "will be" : "was");
	if (is_dry && report.pending > 0) {
		(void)printf("%d pending; next: promptbuilder migrate\n", report.pending);
		admin->status = EX_TEMPFAIL;
	} else {
		(void)printf("the schema is current: %d applied now, %d before\n", report.applied,
		    report.already);
		if (!is_dry)
			err = admin_zone_use(admin,
			    conf_text(admin->ctx.conf, "PROMPTBUILDER_TIME_ZONE"), NULL);
	}
	return err;
}
