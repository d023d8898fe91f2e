<?cs # part_cost_filters.cs: the fields of the period, inside the form of a cost page. ?>
<?cs if:?page.days ?><input type="hidden" name="days" value="<?cs var:page.days ?>"><?cs /if ?>
<div class="field"><label for="from">From</label><input id="from" name="from" type="date" value="<?cs var:page.filter.from ?>"></div>
<div class="field"><label for="to">To</label><input id="to" name="to" type="date" value="<?cs var:page.filter.to ?>"></div>
<div class="field"><label for="group">Per</label><select id="group" name="group"><option value="day"<?cs if:d.group == "day" ?> selected<?cs /if ?>>Day</option><option value="week"<?cs if:d.group == "week" ?> selected<?cs /if ?>>Week</option><option value="month"<?cs if:d.group == "month" ?> selected<?cs /if ?>>Month</option></select></div>
<div class="field"><label for="tz">Time zone</label><select id="tz" name="tz"><option value="<?cs var:d.tz ?>" selected><?cs var:d.tz ?></option><?cs if:page.zone != d.tz ?><option value="<?cs var:page.zone ?>"><?cs var:page.zone ?></option><?cs /if ?><?cs if:d.tz != "UTC" && page.zone != "UTC" ?><option value="UTC">UTC, as vendors bill</option><?cs /if ?></select></div>
<?cs if:?page.filter.assistantId ?><input type="hidden" name="assistantId" value="<?cs var:page.filter.assistantId ?>"><?cs /if ?>
