<?cs # part_origin.cs: where a version comes from: a run, a hand that edited another one, files. ?>
<?cs if:?d.pipeline_id ?><dt>Made by run</dt><dd><a class="mono" href="<?cs var:link("/pipeline-runs/" + d.pipeline_id) ?>"><?cs var:d.pipeline_id ?></a>, <?cs call:when(d.created_at) ?></dd>
<?cs else ?><dt><?cs if:d.origin == "import" ?>Imported<?cs else ?>Edited<?cs /if ?></dt><dd>by <?cs var:d.created_by ?>, <?cs call:when(d.created_at) ?><?cs if:?d.parent.id ?>, from <a href="<?cs var:link("/prompt-versions/" + d.parent.id) ?>"><?cs var:d.parent.version ?></a><?cs /if ?></dd><?cs /if ?>
<?cs if:?d.message ?><dt>Message</dt><dd class="lines"><?cs var:d.message ?></dd><?cs /if ?>
