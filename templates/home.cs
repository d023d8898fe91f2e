<?cs # home.cs: what it costs, what runs, what needs attention; first steps where nothing ran yet. ?>
<?cs include!"part_download.cs" ?>
<?cs if:!?d.health.has_run ?>
<h1>Welcome</h1>
<p>Promptbuilder turns a briefing into a scored, improved and versioned prompt, and books what every model call costs. Three steps lead to the first one.</p>
<ol class="steps">
<li<?cs if:?d.health.has_account ?> class="done"<?cs /if ?>><strong>An account.</strong> <?cs if:?d.health.has_account ?>There is one.<?cs else ?>Make one under <a href="/accounts">Accounts</a>; it holds assistants, runs and costs.<?cs /if ?></li>
<li<?cs if:!?d.health.is_runner_silent ?> class="done"<?cs /if ?>><strong>A runner.</strong> <?cs if:?d.health.is_runner_silent ?>None has been heard of. Start <code>promptbuilder-runner</code> with the model provider’s key.<?cs else ?>It is up and waits for work.<?cs /if ?></li>
<li><strong>The first run.</strong> Fill in a briefing and watch it advance, phase by phase.<br><a class="button button-primary" href="/pipeline-runs/new">Launch a pipeline</a></li>
</ol>
<?cs else ?>
<h1>Home <small><?cs var:date(d.costs.today) ?>, <?cs var:d.costs.tz ?></small></h1>
<ul class="tiles">
<li class="tile"><span class="label">Month to date</span><span class="value" title="<?cs var:d.costs.month_cost_usd ?> USD"><a href="<?cs var:link("/costs?from=" + d.costs.month_from) ?>"><?cs var:usd2(d.costs.month_cost_usd) ?></a></span><span class="note">runs since <?cs var:date(d.costs.month_from) ?>: <?cs var:count(d.costs.month_runs) ?></span></li>
<li class="tile"><span class="label">Today</span><span class="value" title="<?cs var:d.costs.today_cost_usd ?> USD"><a href="/costs?days=1"><?cs var:usd2(d.costs.today_cost_usd) ?></a></span><span class="note">yesterday <?cs var:usd2(d.costs.yesterday_cost_usd) ?></span></li>
<li class="tile"><span class="label">Month’s end, forecast</span><?cs if:?d.report.forecast.mid_usd ?><span class="value" title="<?cs var:d.report.forecast.mid_usd ?> USD"><a href="<?cs var:link("/costs?from=" + d.report.forecast.from) ?>"><?cs var:usd2(d.report.forecast.mid_usd) ?></a></span><span class="note"><?cs var:usd2(d.report.forecast.low_usd) ?> to <?cs var:usd2(d.report.forecast.high_usd) ?>, as in the last <?cs var:d.report.forecast.weeks ?> weeks</span><?cs else ?><span class="value">—</span><span class="note">after two weeks of costs</span><?cs /if ?></li>
<li class="tile"><span class="label">Running now</span><span class="value"><a href="/pipeline-runs?status=running"><?cs var:count(d.runs.running) ?></a></span><span class="note"><a href="/pipeline-runs?status=queued"><?cs var:count(d.runs.queued) ?> queued</a>; in 24 hours <a href="/pipeline-runs?status=completed"><?cs var:count(d.runs.completed) ?> completed</a>, <a href="/pipeline-runs?status=failed"><?cs var:count(d.runs.failed) ?> failed</a>, <a href="/pipeline-runs?status=cancelled"><?cs var:count(d.runs.cancelled) ?> cancelled</a></span></li>
</ul>
<?cs if:?d.runners.alive ?>
<div class="heading"><h2>Runners</h2><a href="/runners">All of them</a></div>
<dl class="facts">
<dt>Alive</dt><dd><?cs var:count(d.runners.alive) ?><?cs if:d.runners.draining != "0" ?>, draining <?cs var:count(d.runners.draining) ?><?cs /if ?><?cs if:d.runners.lost != "0" ?>, <span class="failure">lost <?cs var:count(d.runners.lost) ?></span><?cs /if ?></dd>
<dt>In flight</dt><dd>runs <?cs var:count(d.runners.runs) ?>, calls <?cs var:count(d.runners.open_calls) ?></dd>
<dt>Due</dt><dd><?cs var:count(d.runners.due) ?><?cs if:?d.runners.oldest_due_ms ?>, the oldest for <?cs var:duration(d.runners.oldest_due_ms) ?><?cs /if ?></dd>
<dt>Waiting</dt><dd><?cs var:count(d.runners.waiting) ?><?cs each:reason = d.runners.waiting_for ?><br><span class="small"><?cs var:count(reason.runs) ?>: <?cs var:reason.reason ?></span><?cs /each ?></dd>
</dl>
<?cs /if ?>
<h2>Needs attention</h2>
<ul class="attention">
<?cs if:?d.pause.paused_at ?><li class="bad"><strong>Claims are paused</strong> since <?cs var:moment(d.pause.paused_at) ?> by <?cs var:d.pause.paused_by ?>: queued runs wait.<?cs if:?d.runners.alive ?> <a href="/runners">Let them go on</a>.<?cs /if ?></li><?cs /if ?>
<?cs if:?d.runners.alive && d.runners.alive == "0" && !?d.health.is_runner_silent && d.runners.due != "0" ?><li class="bad"><a href="/runners"><strong>No runner claims, and runs are due.</strong></a> Start <code>promptbuilder-runner</code>.</li><?cs /if ?>
<?cs if:?d.runners.alive && d.runners.deaf != "0" ?><li><a href="/runners">Runners hear no notifications</a>; they look for work every one or two seconds.</li><?cs /if ?>
<?cs if:?d.health.is_runner_silent ?><li class="bad"><strong>No runner has been heard of for two minutes.</strong> Queued runs wait. Look at the log of <code>promptbuilder-runner</code> and start it again.</li><?cs /if ?>
<?cs if:d.runs.failed != "0" ?><li class="bad"><a href="/pipeline-runs?status=failed"><?cs var:count(d.runs.failed) ?> <?cs if:d.runs.failed == "1" ?>run<?cs else ?>runs<?cs /if ?> failed in 24 hours</a>. Each says why, and can be retried without paying again for what was stored.</li><?cs /if ?>
<?cs if:d.health.unpriced_calls != "0" ?><li><a href="/prices"><?cs var:count(d.health.unpriced_calls) ?> <?cs if:d.health.unpriced_calls == "1" ?>call<?cs else ?>calls<?cs /if ?> in 30 days had no full price</a>. Their cost is missing in every total until the model has one.</li><?cs /if ?>
<?cs if:!?d.health.is_runner_silent && !?d.pause.paused_at && d.runs.failed == "0" && d.health.unpriced_calls == "0" ?><li class="good">Nothing. Runners are alive, no run failed in 24 hours, every call has a price.</li><?cs /if ?>
</ul>
<div class="heading"><h2>Cost per day by phase, last 30 days</h2><a href="/costs">All costs</a></div>
<?cs include!"part_chart.cs" ?>
<?cs include!"part_recent_runs.cs" ?>
<p><a href="/pipeline-runs">All runs</a></p>
<?cs /if ?>
