<?cs include!"part_field.cs" ?><?cs include!"part_download.cs" ?>
<h1><?cs var:page.title ?></h1>
<p>A briefing says what an assistant is for. The run writes a prompt from it, scores it, improves it until the target is met, and stores it as a version.</p>
<?cs include!"part_errors.cs" ?>
<?cs if:subcount(d.budgets) > #0 ?>
<h2>What is left to spend</h2>
<ul>
<?cs each:item = d.budgets ?>
<?cs if:item.period == "run" ?><?cs if:?item.cap_usd ?><li>Each run may cost <?cs var:usd2(item.cap_usd) ?>.</li><?cs /if ?>
<?cs elif:?item.cap_usd ?><li<?cs if:item.state == "exhausted" ?> class="failure"<?cs /if ?>><strong><?cs var:usd2(item.left_usd) ?></strong> of <?cs var:usd2(item.cap_usd) ?> for <?cs var:item.period_name ?>: <?cs var:usd2(item.spent_usd) ?> is spent, calls in flight may cost <?cs var:usd2(item.reserved_usd) ?>. It starts again on <?cs var:date(item.next_day) ?>.</li>
<?cs else ?><li>No cap for <?cs var:item.period_name ?>: <?cs var:usd2(item.spent_usd) ?> is spent, <?cs var:percent(item.spent_percent) ?> of <?cs var:usd2(item.soft_usd) ?>.</li><?cs /if ?>
<?cs /each ?>
</ul>
<?cs /if ?>
<?cs if:?d.quote.runs ?>
<h2>What it usually costs</h2>
<div class="scroll" tabindex="0" role="region" aria-label="What it usually costs, scrolls sideways">
<table class="data compact">
<caption class="visually-hidden">What completed runs cost</caption>
<thead><tr><th scope="col"><?cs var:count(d.quote.runs) ?> completed <?cs if:d.quote.runs == "1" ?>run<?cs else ?>runs<?cs /if ?> of <?cs if:?page.values.assistantId ?><?cs var:page.values.assistantId ?><?cs else ?>the account<?cs /if ?></th><th scope="col" class="num">half cost at most</th><th scope="col" class="num">95 of 100 at most</th></tr></thead>
<tbody>
<?cs each:item = d.quote.phases ?><tr><th scope="row"><?cs var:item.phase ?></th><td class="num" title="<?cs var:item.p50_usd ?> USD"><?cs var:usd4(item.p50_usd) ?></td><td class="num" title="<?cs var:item.p95_usd ?> USD"><?cs var:usd4(item.p95_usd) ?></td></tr>
<?cs /each ?>
</tbody>
<tfoot><tr><th scope="row">The whole run</th><td class="num" title="<?cs var:d.quote.p50_usd ?> USD"><?cs var:usd4(d.quote.p50_usd) ?></td><td class="num" title="<?cs var:d.quote.p95_usd ?> USD"><?cs var:usd4(d.quote.p95_usd) ?></td></tr></tfoot>
</table>
</div>
<?cs call:download(page.csv.quote, "what it usually costs") ?>
<?cs /if ?>
<form class="form" novalidate method="post" action="/pipeline-runs">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<input type="hidden" name="idempotency_key" value="<?cs var:page.values.idempotency_key ?>">
<fieldset>
<legend>Whose assistant</legend>
<?cs if:?page.is_operator ?>
<div class="field">
<label for="accountId">Account</label>
<input id="accountId" name="accountId" value="<?cs var:page.values.accountId ?>" maxlength="64" required list="accounts"<?cs call:invalid("accountId") ?>>
<datalist id="accounts"><?cs each:account = page.accounts ?><option value="<?cs var:account.slug ?>"><?cs var:account.name ?></option><?cs /each ?></datalist>
<?cs call:hint("accountId", "Slug or id.") ?>
</div>
<?cs /if ?>
<div class="columns">
<div class="field">
<label for="assistantId">Assistant id</label>
<input id="assistantId" name="assistantId" value="<?cs var:page.values.assistantId ?>" maxlength="200" required<?cs call:invalid("assistantId") ?>>
<?cs call:hint("assistantId", "The MermAId assistant, such as support-bot. A new one is made if there is none.") ?>
</div>
<div class="field">
<label for="assistant">Assistant name</label>
<input id="assistant" name="assistant" value="<?cs var:page.values.assistant ?>" maxlength="200"<?cs call:invalid("assistant") ?>>
<?cs call:hint("assistant", "How it is shown; the id when left empty.") ?>
</div>
</div>
<div class="field">
<label for="company">Company</label>
<input id="company" name="company" value="<?cs var:page.values.company ?>" maxlength="200" required<?cs call:invalid("company") ?>>
<?cs call:hint("company", "Such as Harbour Bikes Ltd.") ?>
</div>
</fieldset>
<fieldset>
<legend>What it is for</legend>
<div class="field">
<label for="purpose">Purpose</label>
<textarea id="purpose" name="purpose" rows="4" maxlength="4000" required<?cs call:invalid("purpose") ?>><?cs var:page.values.purpose ?></textarea>
<?cs call:hint("purpose", "What the assistant is to do, in a few sentences. At most 4,000 characters.") ?>
</div>
<div class="field">
<label for="audience">Audience</label>
<textarea id="audience" name="audience" rows="2" maxlength="2000"<?cs call:invalid("audience") ?>><?cs var:page.values.audience ?></textarea>
<?cs call:hint("audience", "Who talks to it, such as customers who rented a bike.") ?>
</div>
<div class="columns">
<div class="field">
<label for="tone">Tone</label>
<input id="tone" name="tone" value="<?cs var:page.values.tone ?>" maxlength="500"<?cs call:invalid("tone") ?>>
<?cs call:hint("tone", "Such as friendly, short, no jargon.") ?>
</div>
<div class="field">
<label for="language">Language</label>
<input id="language" name="language" value="<?cs var:page.values.language ?>" maxlength="100"<?cs call:invalid("language") ?>>
<?cs call:hint("language", "Such as English.") ?>
</div>
</div>
</fieldset>
<fieldset>
<legend>What it knows and obeys</legend>
<div class="field">
<label for="channels">Channels</label>
<textarea id="channels" name="channels" rows="2"<?cs call:invalid("channels") ?>><?cs var:page.values.channels ?></textarea>
<?cs call:hint("channels", "One on each line, such as website chat; at most 20.") ?>
</div>
<div class="field">
<label for="facts">Facts</label>
<textarea id="facts" name="facts" rows="5"<?cs call:invalid("facts") ?>><?cs var:page.values.facts ?></textarea>
<?cs call:hint("facts", "One on each line, such as opening hours; at most 200.") ?>
</div>
<div class="field">
<label for="rules">Rules</label>
<textarea id="rules" name="rules" rows="5"<?cs call:invalid("rules") ?>><?cs var:page.values.rules ?></textarea>
<?cs call:hint("rules", "One on each line, such as never promise a refund; at most 200.") ?>
</div>
<div class="field">
<label for="examples">Examples</label>
<textarea id="examples" name="examples" rows="3"<?cs call:invalid("examples") ?>><?cs var:page.values.examples ?></textarea>
<?cs call:hint("examples", "One question and good answer on each line; at most 50.") ?>
</div>
</fieldset>
<fieldset>
<legend>How far to go</legend>
<div class="columns">
<div class="field">
<label for="targetScore">Target score</label>
<input id="targetScore" name="targetScore" type="number" min="0" max="100" value="<?cs if:?page.values.targetScore ?><?cs var:page.values.targetScore ?><?cs else ?><?cs var:page.target_score ?><?cs /if ?>"<?cs call:invalid("targetScore") ?>>
<?cs call:hint("targetScore", "0 to 100. The run ends when an analysis gives this much.") ?>
</div>
<div class="field">
<label for="iterationLimit">Iteration limit</label>
<input id="iterationLimit" name="iterationLimit" type="number" min="0" max="10" value="<?cs if:?page.values.iterationLimit ?><?cs var:page.values.iterationLimit ?><?cs else ?><?cs var:page.iteration_limit ?><?cs /if ?>"<?cs call:invalid("iterationLimit") ?>>
<?cs call:hint("iterationLimit", "0 to 10 improvements at most.") ?>
</div>
</div>
<div class="field">
<label for="model">Model</label>
<input id="model" name="model" value="<?cs if:?page.values.model ?><?cs var:page.values.model ?><?cs else ?><?cs var:page.model ?><?cs /if ?>" maxlength="200" list="models"<?cs call:invalid("model") ?>>
<datalist id="models"><?cs each:model = page.models ?><option value="<?cs var:model ?>"></option><?cs /each ?></datalist>
<?cs call:hint("model", "Any model that has a price.") ?>
</div>
</fieldset>
<p><button class="button button-primary" type="submit">Launch<?cs if:?d.quote.runs ?> for about <?cs var:usd2(d.quote.p50_usd) ?><?cs /if ?></button></p>
</form>
