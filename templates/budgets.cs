<?cs # budgets.cs: what accounts may spend and what is left of it; the form that sets it. ?>
<?cs include!"part_field.cs" ?><?cs include!"part_download.cs" ?>
<?cs def:budget_bar(item) ?><svg class="bar budget" viewBox="0 0 <?cs var:item.bar_percent ?> 10" preserveAspectRatio="none" aria-hidden="true"><rect class="spent<?cs if:item.state != "within" ?> over<?cs /if ?>" width="<?cs var:item.spent_percent ?>" height="10"/><rect class="reserved" x="<?cs var:item.spent_percent ?>" width="<?cs var:item.reserved_percent ?>" height="10"/><?cs each:threshold = item.thresholds ?><path class="mark" d="M<?cs var:threshold ?> 0v10"/><?cs /each ?><?cs if:?item.cap_percent ?><path class="mark cap" d="M<?cs var:item.cap_percent ?> 0v10"/><?cs /if ?><path class="pace" d="M<?cs var:item.elapsed_percent ?> 0v10"/></svg><?cs /def ?>
<?cs def:usd_cell(value) ?><?cs if:?value ?><td class="num" title="<?cs var:value ?> USD"><?cs var:usd2(value) ?></td><?cs else ?><td class="num">—</td><?cs /if ?><?cs /def ?>
<h1><?cs var:page.title ?></h1>
<?cs include!"part_money_tabs.cs" ?>
<?cs include!"part_errors.cs" ?>
<p>No call is made that could go beyond a cap: what is spent, what calls in flight may cost at worst and what the next one may cost must fit. Thresholds are told once a period, here and by webhook.</p>
<?cs if:subcount(d.budgets) == #0 ?>
<p>There is no budget yet: nothing is capped, and nothing is told.<?cs if:?d.proposal_usd ?> A month like the last one and a half as much again would be <?cs var:usd2(d.proposal_usd) ?>.<?cs /if ?></p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Budgets, scrolls sideways" tabindex="0">
<table class="data">
<caption class="visually-hidden">Budgets, newest first</caption>
<thead><tr><th scope="col">Budget</th><th scope="col" class="num">Spent</th><td class="bar-cell"></td><th scope="col" class="num">In flight</th><th scope="col" class="num">Cap</th><th scope="col" class="num">Left</th><th scope="col">Starts again</th><?cs if:page.role != "viewer" ?><td></td><?cs /if ?></tr></thead>
<tbody>
<?cs each:item = d.budgets ?>
<tr>
<th scope="row"><?cs if:?page.is_operator ?><a href="<?cs var:link("/costs/" + item.account_slug) ?>"><?cs var:item.account_name ?></a>, <?cs /if ?><?cs if:item.period == "run" ?>each run<?cs else ?><?cs var:item.period_name ?><?cs /if ?><?cs if:item.state == "exhausted" ?> <strong class="failure">used up</strong><?cs elif:item.state == "over" ?> <strong class="warning">over a threshold</strong><?cs /if ?><br><span class="muted small"><?cs if:subcount(item.thresholds) > #0 ?>told at <?cs each:threshold = item.thresholds ?><?cs if:!first(threshold) ?>, <?cs /if ?><?cs var:threshold ?><?cs /each ?> %<?cs if:?item.soft_usd ?> of <?cs var:usd2(item.soft_usd) ?><?cs /if ?>; <?cs /if ?>set <time datetime="<?cs var:item.changed_at ?>" title="<?cs var:moment(item.changed_at) ?>"><?cs var:ago(item.changed_at) ?></time> by <?cs var:item.changed_by ?></span></th>
<?cs if:item.period == "run" ?>
<td class="num">—</td><td class="bar-cell"></td>
<?cs else ?>
<td class="num" title="<?cs var:item.spent_usd ?> of <?cs var:item.amount_usd ?> USD; <?cs var:item.elapsed_percent ?> % of the time has passed"><a href="<?cs var:link("/costs/" + item.account_slug + "?from=" + item.first_day + "&tz=" + item.tz) ?>"><?cs var:usd2(item.spent_usd) ?></a><?cs if:?item.spent_percent ?><br><?cs var:percent(item.spent_percent) ?><?cs /if ?></td><td class="bar-cell"><?cs if:?item.spent_percent ?><?cs call:budget_bar(item) ?><?cs /if ?></td>
<?cs /if ?>
<?cs call:usd_cell(item.reserved_usd) ?><?cs call:usd_cell(item.cap_usd) ?><?cs call:usd_cell(item.left_usd) ?>
<td><?cs if:item.period == "run" ?>with each run<?cs else ?><?cs var:date(item.next_day) ?><br><span class="muted small"><?cs var:item.tz ?></span><?cs /if ?></td>
<?cs if:page.role != "viewer" ?><td><form method="post" action="<?cs var:link("/budgets/" + item.id + "/remove") ?>"><input type="hidden" name="csrf" value="<?cs var:page.csrf ?>"><button class="button button-danger" type="submit">Remove<span class="visually-hidden"> the budget of <?cs var:item.account_name ?>, <?cs if:item.period == "run" ?>each run<?cs else ?><?cs var:item.period_name ?><?cs /if ?></span></button></form></td><?cs /if ?>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.budgets, "budgets") ?>
<p class="muted small">In a bar: what is spent, then paler what calls in flight may cost; thin marks are thresholds, the red one is the cap, the dotted one is how much of the time has passed.</p>
<?cs /if ?>
<?cs if:?d.next_cursor ?>
<nav class="pager" aria-label="Pages"><a rel="next" href="<?cs var:link("/budgets?" + page.next_query + "cursor=" + d.next_cursor) ?>">Older budgets</a></nav>
<?cs /if ?>
<?cs if:page.role != "viewer" ?>
<h2>Set a budget</h2>
<p>It takes the place of the account’s budget of the same period.</p>
<form class="form" novalidate method="post" action="/budgets">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<?cs if:?page.is_operator ?>
<div class="field">
<label for="accountId">Account</label>
<input id="accountId" name="accountId" value="<?cs if:?page.values.accountId ?><?cs var:page.values.accountId ?><?cs else ?><?cs var:page.filter.accountId ?><?cs /if ?>" maxlength="64" required<?cs call:invalid("accountId") ?>>
<?cs call:hint("accountId", "Slug or id.") ?>
</div>
<?cs /if ?>
<div class="field">
<label for="period">Period</label>
<select id="period" name="period"<?cs call:invalid("period") ?>>
<option value="month"<?cs if:page.values.period == "month" ?> selected<?cs /if ?>>Month</option>
<option value="week"<?cs if:page.values.period == "week" ?> selected<?cs /if ?>>Week, from Monday</option>
<option value="day"<?cs if:page.values.period == "day" ?> selected<?cs /if ?>>Day</option>
<option value="run"<?cs if:page.values.period == "run" ?> selected<?cs /if ?>>Each run</option>
</select>
<?cs call:hint("period", "It begins at midnight in the account’s time zone.") ?>
</div>
<div class="columns">
<div class="field">
<label for="capUsd">Cap in USD</label>
<input id="capUsd" name="capUsd" inputmode="decimal" value="<?cs if:?page.values.capUsd ?><?cs var:page.values.capUsd ?><?cs elif:!?page.problem ?><?cs var:d.proposal_usd ?><?cs /if ?>" maxlength="24"<?cs call:invalid("capUsd") ?>>
<?cs call:hint("capUsd", "Never exceeded; 0 allows nothing. Empty: no cap.") ?>
</div>
<div class="field">
<label for="softUsd">Soft amount in USD</label>
<input id="softUsd" name="softUsd" inputmode="decimal" value="<?cs var:page.values.softUsd ?>" maxlength="24"<?cs call:invalid("softUsd") ?>>
<?cs call:hint("softUsd", "What the thresholds are percents of. Empty: the cap.") ?>
</div>
</div>
<div class="field">
<label for="thresholds">Thresholds in percent</label>
<input id="thresholds" name="thresholds" value="<?cs var:page.values.thresholds ?>" maxlength="60" placeholder="50, 80, 100"<?cs call:invalid("thresholds") ?>>
<?cs call:hint("thresholds", "Parted by commas, at most 10.") ?>
</div>
<p><button class="button button-primary" type="submit">Set the budget</button></p>
</form>
<?cs /if ?>
