<?cs # deliveries.cs: events for the webhook, newest first. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?></h1>
<?cs include!"part_access_tabs.cs" ?>
<p>What is told to the webhook of this installation. An event is tried until it is accepted, for a day; its id tells a receiver that it came twice.</p>
<form class="filters" method="get" action="/deliveries">
<?cs if:?page.is_operator ?>
<div class="field"><label for="accountId">Account</label>
<input id="accountId" name="accountId" value="<?cs var:page.values.accountId ?>" maxlength="64" placeholder="slug or id"></div>
<?cs /if ?>
<div class="field"><label for="state">State</label>
<select id="state" name="state">
<option value="">any</option>
<option value="pending"<?cs if:page.values.state == "pending" ?> selected<?cs /if ?>>pending</option>
<option value="delivered"<?cs if:page.values.state == "delivered" ?> selected<?cs /if ?>>delivered</option>
<option value="failed"<?cs if:page.values.state == "failed" ?> selected<?cs /if ?>>failed</option>
</select></div>
<button class="button" type="submit">Filter</button>
<?cs if:?page.is_filtered ?><a href="/deliveries">Clear filters</a><?cs /if ?>
</form>
<?cs if:subcount(d.deliveries) == #0 ?>
<p><?cs if:?page.is_filtered ?>Nothing matches. <a href="/deliveries">Clear the filters</a> to see all events.<?cs else ?>Nothing has happened that the webhook is told of.<?cs /if ?></p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Deliveries, scrolls sideways" tabindex="0">
<table class="data">
<caption class="visually-hidden">Events, newest first</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Kind</th><?cs if:?page.is_operator ?><th scope="col">Account</th><?cs /if ?><th scope="col">Object</th><th scope="col">State</th><th scope="col" class="num">Tries</th><th scope="col">Last error</th><th scope="col">Next try</th></tr></thead>
<tbody>
<?cs each:event = d.deliveries ?>
<tr>
<th scope="row" class="nowrap"><?cs call:when(event.created_at) ?></th>
<td><a class="mono" href="<?cs var:link("/deliveries/" + event.id) ?>"><?cs var:event.kind ?><span class="visually-hidden"> of <?cs var:moment(event.created_at) ?></span></a></td>
<?cs if:?page.is_operator ?><td><a href="<?cs var:link("/accounts/" + event.account_slug) ?>"><?cs var:event.account_slug ?></a></td><?cs /if ?>
<td><?cs if:?event.object ?><?cs var:event.object ?><?cs else ?>—<?cs /if ?></td>
<td><?cs call:state(event.state) ?></td>
<td class="num"><?cs var:count(event.attempts) ?></td>
<td><?cs if:?event.last_error ?><?cs var:event.last_error ?><?cs else ?>—<?cs /if ?></td>
<td class="nowrap"><?cs if:?event.next_at ?><time datetime="<?cs var:event.next_at ?>"><?cs var:moment(event.next_at) ?></time><?cs else ?>—<?cs /if ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.deliveries, "all these events") ?>
<?cs /if ?>
<?cs if:?d.next_cursor ?>
<nav class="pager" aria-label="Pages"><a rel="next" href="<?cs var:link("/deliveries?" + page.next_query + "cursor=" + d.next_cursor) ?>">Older events</a></nav>
<?cs /if ?>
