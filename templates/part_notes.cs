<?cs if:?page.simulated ?>
<p class="banner">Simulated provider: no model is called, and the costs shown are not charged.</p>
<?cs /if ?>
<?cs if:?page.notices.0.account_slug ?>
<div class="banner banner-warning">
<?cs each:notice = page.notices ?>
<p><?cs if:?notice.is_exhausted ?><strong>The budget of <?cs var:notice.account_name ?> for <?cs var:notice.period_name ?> is used up</strong>: <?cs var:usd2(notice.spent_usd) ?> of <?cs var:usd2(notice.cap_usd) ?>. No model is called before <?cs var:date(notice.next_day) ?> (<?cs var:notice.tz ?>) unless it is raised.<?cs elif:?notice.has_stopped ?><strong>The budget of <?cs var:notice.account_name ?> for <?cs var:notice.period_name ?> has stopped a run</strong>: <?cs var:usd2(notice.spent_usd) ?> of <?cs var:usd2(notice.cap_usd) ?> is spent, and what is left was too little for a call.<?cs else ?><strong><?cs var:notice.account_name ?> has spent <?cs var:percent(notice.spent_percent) ?> of its budget for <?cs var:notice.period_name ?></strong>: <?cs var:usd2(notice.spent_usd) ?> of <?cs var:usd2(notice.amount_usd) ?>.<?cs /if ?></p>
<?cs /each ?>
<p><a href="/budgets">See the budgets</a></p>
</div>
<?cs /if ?>
<?cs if:?page.flash ?>
<p class="flash" role="status"><?cs var:page.flash ?></p>
<?cs /if ?>
