<h1><?cs var:page.title ?></h1>
<p class="banner banner-warning"><?cs var:d.note ?></p>
<?cs if:subcount(d.accounts) == #0 ?>
<p>There are no accounts.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Accounts" tabindex="0">
<table class="data">
<caption>Accounts of the registry<?cs if:?d.is_cut ?>, the first <?cs var:subcount(d.accounts) ?><?cs /if ?></caption>
<thead><tr><th scope="col">Account</th><th scope="col">Slug</th><th scope="col" class="num">Assistants</th></tr></thead>
<tbody>
<?cs each:account = d.accounts ?>
<tr>
<th scope="row"><a href="<?cs var:link("/accounts/" + account.slug) ?>"><?cs var:account.name ?></a></th>
<td class="mono"><?cs var:account.slug ?></td>
<td class="num"><?cs var:count(account.assistant_count) ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs /if ?>
