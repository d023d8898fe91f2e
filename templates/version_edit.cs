<?cs # version_edit.cs: the form that makes a new version of a version's text. ?>
<?cs include!"part_field.cs" ?>
<h1><?cs var:page.title ?></h1>
<p>Versions never change: what you save here becomes a new draft<?cs if:?d.id ?>, made from <a href="<?cs var:link("/prompt-versions/" + d.id) ?>"><?cs var:d.version ?></a><?cs /if ?>.</p>
<?cs include!"part_errors.cs" ?>
<?cs if:?d.id && !?d.pruned_at ?>
<form class="form wide" novalidate method="post" action="<?cs var:link("/prompt-versions/" + d.id + "/edit") ?>">
<input type="hidden" name="csrf" value="<?cs var:page.csrf ?>">
<input type="hidden" name="idempotency_key" value="<?cs var:page.values.idempotency_key ?>">
<div class="field">
<label for="content">Prompt</label>
<textarea id="content" class="mono" name="content" rows="24" maxlength="<?cs var:page.content_max ?>" required spellcheck="false"<?cs call:invalid("content") ?>>
<?cs var:page.values.content ?></textarea>
<?cs call:hint("content", "At most 1 MB. Spaces and line ends are kept; lines end with LF.") ?>
</div>
<div class="field">
<label for="message">What is changed, and why</label>
<input id="message" name="message" value="<?cs var:page.values.message ?>" maxlength="500"<?cs call:invalid("message") ?>>
<?cs call:hint("message", "Optional, shown with the version.") ?>
</div>
<div class="field">
<label><input id="score" type="checkbox" name="score" value="true"<?cs if:?page.values.score ?> checked<?cs /if ?><?cs call:invalid("score") ?>> Score it</label>
<?cs call:hint("score", "A run of one analysis, which costs as any call does. It can be had later, too.") ?>
</div>
<div class="field">
<label for="model">Model of the analysis</label>
<select id="model" name="model"<?cs call:invalid("model") ?>>
<?cs each:model = page.models ?><option value="<?cs var:model ?>"<?cs if:page.values.model == model || (!?page.values.model && page.model == model) ?> selected<?cs /if ?>><?cs var:model ?></option>
<?cs /each ?></select>
<?cs call:hint("model", "The scores of different models are hard to compare.") ?>
</div>
<div class="actions"><button class="button button-primary" type="submit">Save as a new draft</button> <a href="<?cs var:link("/prompt-versions/" + d.id) ?>">Cancel</a></div>
</form>
<?cs /if ?>
