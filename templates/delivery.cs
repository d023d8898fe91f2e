<?cs # delivery.cs: one event for the webhook: each try, what it says, and once more. ?>
<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?></h1>
<dl class="facts">
<dt>State</dt><dd><?cs call:state(d.state) ?></dd>
<dt>Account</dt><dd><a href="<?cs var:link("/accounts/" + d.account_slug) ?>"><?cs var:d.account_name ?></a></dd>
<dt>Happened</dt><dd><?cs call:when(d.created_at) ?></dd>
<dt>Tries</dt><dd><?cs var:count(d.attempts) ?></dd>
<?cs if:?d.last_error ?><dt>Last error</dt><dd><?cs var:d.last_error ?></dd><?cs /if ?>
<?cs if:?d.next_at ?><dt>Next try</dt><dd><time datetime="<?cs var:d.next_at ?>"><?cs var:moment(d.next_at) ?></time></dd><?cs /if ?>
<?cs if:?d.resent_at ?><dt>Sent again</dt><dd><?cs call:when(d.resent_at) ?></dd><?cs /if ?>
<dt>Id</dt><dd class="mono"><?cs var:d.id ?></dd>
</dl>
<form method="post" action="<?cs var:link("/deliveries/" + d.id + "/resend") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<p><button class="button" type="submit"><?cs if:d.state == "pending" ?>Try now<?cs else ?>Send it again<?cs /if ?></button> <a class="button" href="/deliveries">All deliveries</a></p>
</form>
<h2>Tries</h2>
<?cs if:subcount(d.tries) == #0 ?>
<p>None has ended yet.</p>
<?cs else ?>
<div class="scroll" role="region" aria-label="Tries" tabindex="0">
<table class="data">
<caption class="visually-hidden">Tries, the last one first</caption>
<thead><tr><th scope="col" class="num">Try</th><th scope="col">Ended</th><th scope="col" class="num">Took</th><th scope="col" class="num">HTTP</th><th scope="col">Outcome</th></tr></thead>
<tbody>
<?cs each:try = d.tries ?>
<tr>
<th scope="row" class="num"><?cs var:try.number ?></th>
<td class="nowrap"><time datetime="<?cs var:try.at ?>"><?cs var:moment(try.at) ?></time></td>
<td class="num"><?cs call:span(try.duration_ms) ?></td>
<td class="num"><?cs if:?try.http_status ?><?cs var:try.http_status ?><?cs else ?>—<?cs /if ?></td>
<td><?cs if:?try.error ?><?cs var:try.error ?><?cs else ?>accepted<?cs /if ?></td>
</tr>
<?cs /each ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.tries, "tries") ?>
<?cs /if ?>
<h2>What it says</h2>
<pre class="wrap"><?cs var:d.payload ?></pre>
