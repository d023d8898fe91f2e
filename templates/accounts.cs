<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?><?cs include!"part_field.cs" ?>
<h1><?cs var:page.title ?></h1>
<?cs include!"part_errors.cs" ?>
<?cs if:subcount(d.accounts) == #0 ?>
<p>There are no accounts yet.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Accounts" tabindex="0">
<table class="data">
<caption>Accounts, newest first</caption>
<thead><tr><th scope="col">Account</th><th scope="col">Slug</th><th scope="col" class="num">Assistants</th><th scope="col">Last run</th><th scope="col">Created</th><th scope="col">Costs</th></tr></thead>
<tbody>
<?cs each:account = d.accounts ?>
<tr>
<th scope="row"><a href="<?cs var:link("/accounts/" + account.slug) ?>"><?cs var:account.name ?></a><?cs if:?account.deleted_at ?><br><span class="muted small">deleted <?cs call:when(account.deleted_at) ?></span><?cs /if ?></th>
<td class="mono"><?cs var:account.slug ?></td>
<td class="num"><a href="<?cs var:link("/assistants?accountId=" + account.slug) ?>"><?cs var:count(account.assistant_count) ?></a></td>
<td><?cs call:when(account.last_run_at) ?></td>
<td><?cs call:when(account.created_at) ?></td>
<td><a href="<?cs var:link("/costs/" + account.slug) ?>">Costs<span class="visually-hidden"> of <?cs var:account.name ?></span></a></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.accounts, "all accounts") ?>
<?cs /if ?>
<?cs if:?d.next_cursor ?>
<nav class="pager" aria-label="Pages"><a rel="next" href="<?cs var:link("/accounts?cursor=" + d.next_cursor) ?>">Older accounts</a></nav>
<?cs /if ?>
<?cs if:?page.is_operator ?>
<h2>New account</h2>
<form class="form" novalidate method="post" action="/accounts">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<div class="field">
<label for="slug">Slug</label>
<input id="slug" name="slug" value="<?cs var:page.values.slug ?>" maxlength="64" required autocapitalize="none" spellcheck="false"<?cs call:invalid("slug") ?>>
<?cs call:hint("slug", "1 to 64 of a-z, 0-9, - and _; the first a letter or digit. It is used to sign in.") ?>
</div>
<div class="field">
<label for="name">Name</label>
<input id="name" name="name" value="<?cs var:page.values.name ?>" maxlength="200" required<?cs call:invalid("name") ?>>
<?cs call:hint("name", "As it is shown.") ?>
</div>
<p><button class="button button-primary" type="submit">Make the account</button></p>
</form>
<?cs /if ?>
