<?cs # audit.cs: who did what to which object, when and from where. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?></h1>
<?cs include!"part_access_tabs.cs" ?>
<p>Every act is kept here, in the same transaction: entries are only ever added, and each carries the hash of the one before it. <code>promptbuilder audit verify</code> walks the chains and names the first entry that was tampered with.</p>
<form class="filters" method="get" action="/audit">
<?cs if:?page.is_operator ?>
<div class="field"><label for="accountId">Account</label>
<input id="accountId" name="accountId" value="<?cs var:page.values.accountId ?>" maxlength="64" placeholder="slug or id"></div>
<?cs /if ?>
<div class="field"><label for="actor">Actor</label>
<input id="actor" name="actor" value="<?cs var:page.values.actor ?>" maxlength="200"></div>
<div class="field"><label for="action">Action</label>
<select id="action" name="action">
<option value="">any</option>
<?cs each:item = d.actions ?><option value="<?cs var:item.action ?>"<?cs if:page.values.action == item.action ?> selected<?cs /if ?>><?cs var:item.action ?></option>
<?cs /each ?></select></div>
<div class="field"><label for="object">Object</label>
<input id="object" name="object" value="<?cs var:page.values.object ?>" maxlength="200"></div>
<div class="field"><label for="from">From (UTC)</label>
<input id="from" name="from" type="date" value="<?cs var:page.values.from ?>"></div>
<div class="field"><label for="to">To, not included</label>
<input id="to" name="to" type="date" value="<?cs var:page.values.to ?>"></div>
<button class="button" type="submit">Filter</button>
<?cs if:?page.is_filtered ?><a href="/audit">Clear filters</a><?cs /if ?>
</form>
<?cs if:subcount(d.entries) == #0 ?>
<p><?cs if:?page.is_filtered ?>Nothing matches. <a href="/audit">Clear the filters</a> to see all entries.<?cs else ?>Nothing has been done yet.<?cs /if ?></p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Audit log, scrolls sideways" tabindex="0">
<table class="data">
<caption class="visually-hidden">Acts, newest first</caption>
<thead><tr><th scope="col">Time</th><th scope="col">Who</th><th scope="col">What</th><?cs if:?page.is_operator ?><th scope="col">Account</th><?cs /if ?><th scope="col">Object</th><th scope="col">From where</th><th scope="col" class="num">Number</th></tr></thead>
<tbody>
<?cs each:entry = d.entries ?>
<tr>
<th scope="row" class="nowrap"><time datetime="<?cs var:entry.at ?>"><?cs var:moment(entry.at) ?></time></th>
<td><?cs var:entry.actor ?><br><span class="muted small"><?cs var:entry.role ?></span></td>
<td><?cs if:entry.action == "session.refuse" ?><strong class="warning"><?cs var:entry.sentence ?></strong><?cs else ?><?cs var:entry.sentence ?><?cs /if ?><br><span class="mono muted small nowrap"><?cs var:entry.action ?></span></td>
<?cs if:?page.is_operator ?><td><?cs if:?entry.account_slug ?><a href="<?cs var:link("/accounts/" + entry.account_slug) ?>"><?cs var:entry.account_slug ?></a><?cs else ?>installation<?cs /if ?></td><?cs /if ?>
<td><span class="mono small"><?cs var:entry.object ?></span><?cs if:?entry.note ?><br><span class="muted small"><?cs var:entry.note ?></span><?cs /if ?></td>
<td><?cs var:entry.origin ?></td>
<td class="num"><span title="SHA-256 <?cs var:entry.hash ?>"><?cs var:entry.seq ?></span></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.entries, "all these entries") ?>
<?cs /if ?>
<?cs if:?d.next_cursor ?>
<nav class="pager" aria-label="Pages"><a rel="next" href="<?cs var:link("/audit?" + page.next_query + "cursor=" + d.next_cursor) ?>">Older entries</a></nav>
<?cs /if ?>
