<?cs # runners.cs: who works, what waits and why, the ends of a day; pause, resume and drain. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<div class="heading">
<h1><?cs var:page.title ?></h1>
<div class="actions">
<?cs if:?d.paused_at ?>
<form method="post" action="/runners/resume"><input type="hidden" name="csrf" value="<?cs var:page.csrf ?>"><button class="button button-primary" type="submit">Resume claims</button></form>
<?cs else ?>
<form method="post" action="/runners/pause"><input type="hidden" name="csrf" value="<?cs var:page.csrf ?>"><button class="button button-danger" type="submit">Pause all claims</button></form>
<?cs /if ?>
</div>
</div>
<?cs if:?d.paused_at ?>
<p class="banner banner-warning"><strong>Claims are paused</strong> since <time datetime="<?cs var:d.paused_at ?>"><?cs var:moment(d.paused_at) ?></time> by <?cs var:d.paused_by ?>: queued runs wait, what runs goes on.</p>
<?cs /if ?>
<?cs if:d.alive == "0" ?>
<p class="banner banner-<?cs if:d.due == "0" ?>warning<?cs else ?>failure<?cs /if ?>" role="alert"><strong>No runner claims<?cs if:d.due != "0" ?>, and runs are due<?cs /if ?>.</strong> Start <code>promptbuilder-runner</code>; its log says why it stopped.</p>
<?cs /if ?>
<?cs if:d.deaf != "0" ?>
<p class="banner banner-warning"><strong>Runners hear no notifications: <?cs var:count(d.deaf) ?>.</strong> They look for work every one or two seconds. Their direct connection to the database is lost, or <code>DATABASE_URL</code> leads to a transaction pooler.</p>
<?cs /if ?>
<ul class="tiles" aria-label="Now">
<li class="tile"><span class="label">Runners alive</span><span class="value"><?cs var:count(d.alive) ?></span><span class="note">draining <?cs var:count(d.draining) ?>, lost <?cs var:count(d.lost) ?></span></li>
<li class="tile"><span class="label">Runs in flight</span><span class="value"><a href="/pipeline-runs?status=running"><?cs var:count(d.runs) ?></a></span><span class="note">open calls <?cs var:count(d.open_calls) ?></span></li>
<li class="tile"><span class="label">Due</span><span class="value"><a href="/pipeline-runs?status=queued"><?cs var:count(d.due) ?></a></span><span class="note"><?cs if:?d.oldest_due_ms ?>the oldest for <?cs var:duration(d.oldest_due_ms) ?><?cs else ?>nothing waits for a runner<?cs /if ?></span></li>
<li class="tile"><span class="label">Waiting</span><span class="value"><?cs var:count(d.waiting) ?></span><span class="note">for a limit, a budget or a time</span></li>
</ul>
<?cs if:subcount(d.runners) == #0 ?>
<p>No runner has been heard of. Any number of them may work on this database, on any machine.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Runners, scrolls sideways" tabindex="0">
<table class="data">
<caption class="visually-hidden">Runners, the first started first</caption>
<thead><tr><th scope="col">Runner</th><th scope="col">State</th><th scope="col" class="num">Lease left</th><th scope="col" class="num">Runs</th><th scope="col" class="num">Open calls</th><th scope="col">Started</th><td></td></tr></thead>
<tbody>
<?cs each:runner = d.runners ?>
<tr>
<th scope="row"><?cs var:runner.host ?>, pid <?cs var:runner.pid ?><br><span class="muted small"><span class="mono"><?cs var:runner.id ?></span>, version <?cs var:runner.version ?></span></th>
<td><?cs if:runner.state == "lost" ?><strong class="failure">lost</strong><?cs elif:runner.state == "draining" ?><strong class="warning">draining</strong><?cs else ?>alive<?cs /if ?><?cs if:?runner.drain_requested_at ?><br><span class="muted small">asked <?cs call:when(runner.drain_requested_at) ?> by <?cs var:runner.drain_requested_by ?></span><?cs /if ?><?cs if:!?runner.is_listening ?><br><span class="warning small">hears no notifications</span><?cs /if ?></td>
<td class="num"><?cs if:runner.state == "lost" ?>—<?cs else ?><?cs var:duration(runner.lease_left_ms) ?><?cs /if ?></td>
<td class="num"><?cs var:count(runner.runs) ?></td>
<td class="num"><?cs var:count(runner.open_calls) ?></td>
<td><?cs call:when(runner.started_at) ?></td>
<td><?cs if:runner.state == "alive" ?><form method="post" action="<?cs var:link("/runners/" + runner.id + "/drain") ?>"><input type="hidden" name="csrf" value="<?cs var:page.csrf ?>"><button class="button" type="submit">Drain<span class="visually-hidden"> <?cs var:runner.host ?>, pid <?cs var:runner.pid ?></span></button></form><?cs /if ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.runners, "runners") ?>
<p class="muted small">A draining runner claims nothing, finishes its calls and exits; its runs go on elsewhere from their next step. Started again it is another runner. A lost one has not been heard of for its lease: others take over what it held.</p>
<?cs /if ?>
<?cs if:#d.alive > #1 ?>
<form method="post" action="/runners/drain"><input type="hidden" name="csrf" value="<?cs var:page.csrf ?>"><p><button class="button button-danger" type="submit">Drain all runners</button></p></form>
<?cs /if ?>
<h2>What runs wait for</h2>
<?cs if:subcount(d.waiting_for) == #0 ?>
<p>Nothing<?cs if:d.due != "0" ?> but a runner<?cs /if ?>.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Reasons, scrolls sideways" tabindex="0">
<table class="data">
<caption class="visually-hidden">What queued runs wait for, the most frequent first</caption>
<thead><tr><th scope="col">Reason</th><th scope="col" class="num">Runs</th><th scope="col">The first until</th><th scope="col">The last until</th></tr></thead>
<tbody>
<?cs each:reason = d.waiting_for ?>
<tr><th scope="row"><?cs var:reason.reason ?></th><td class="num"><?cs var:count(reason.runs) ?></td><td><time datetime="<?cs var:reason.next_at ?>"><?cs var:moment(reason.next_at) ?></time></td><td><time datetime="<?cs var:reason.last_at ?>"><?cs var:moment(reason.last_at) ?></time></td></tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.waiting_for, "reasons") ?>
<?cs /if ?>
<h2>Last 24 hours</h2>
<dl class="facts">
<dt>Runs launched and ended</dt><dd><a href="/pipeline-runs?status=completed"><?cs var:count(d.last_day.completed) ?> completed</a>, <a href="/pipeline-runs?status=failed"><?cs var:count(d.last_day.failed) ?> failed</a>, <a href="/pipeline-runs?status=cancelled"><?cs var:count(d.last_day.cancelled) ?> cancelled</a></dd>
<dt>Unknown calls</dt><dd><?cs var:count(d.last_day.unknown_calls) ?><?cs if:d.last_day.unknown_calls != "0" ?>: their runners were lost, and the provider may have charged them. Reserved and booked for them: <span title="<?cs var:d.last_day.unknown_usd ?> USD"><?cs var:usd4(d.last_day.unknown_usd) ?></span><?cs /if ?></dd>
</dl>
