<?cs # installation.cs: what an operator should look at: each check, what was found, the remedy. ?>
<?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?></h1>
<?cs if:d.bad != "0" ?>
<p class="banner banner-failure" role="alert"><strong>Something is wrong: <?cs var:count(d.bad) ?>.</strong> See what stands first below.</p>
<?cs elif:d.warn != "0" ?>
<p class="banner banner-warning"><strong>To be looked at: <?cs var:count(d.warn) ?>.</strong> <?cs var:count(d.ok) ?> other checks are fine.</p>
<?cs else ?>
<p>All checks are fine.</p>
<?cs /if ?>
<?cs def:checks(state) ?><?cs each:item = d.checks ?><?cs if:item.state == state ?>
<tr><td><?cs if:state == "bad" ?><strong class="failure">bad</strong><?cs elif:state == "warn" ?><strong class="warning">look</strong><?cs else ?>ok<?cs /if ?></td><th scope="row"><?cs if:?item.link ?><a href="<?cs var:link(item.link) ?>"><?cs var:item.check ?></a><?cs else ?><?cs var:item.check ?><?cs /if ?></th><td><?cs var:item.found ?></td><td><?cs var:item.remedy ?></td></tr><?cs /if ?><?cs /each ?><?cs /def ?>
<div class="scroll" role="region" aria-label="Checks, scrolls sideways" tabindex="0">
<table class="data">
<caption class="visually-hidden">Checks, the worst first</caption>
<thead><tr><th scope="col">State</th><th scope="col">Check</th><th scope="col">Found</th><th scope="col">Remedy</th></tr></thead>
<tbody><?cs call:checks("bad") ?><?cs call:checks("warn") ?><?cs call:checks("ok") ?>
</tbody>
</table>
</div>
<?cs call:download(page.csv.checks, "checks") ?>
<p class="muted small"><code>promptbuilder doctor</code> makes the same checks, and adds up the ledger.</p>
