<?cs include!"part_state.cs" ?><?cs include!"part_download.cs" ?>
<?cs include!"part_progress.cs" ?>
