<?cs include!"part_state.cs" ?>
<?cs include!"part_sheets.cs" ?>
