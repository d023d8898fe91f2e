# prompt_kit.sh: sourced after stack.sh by the tests of delivery: accounts, versions, deployments.

# assistant SLUG EXTERNAL_ID: prints its id
assistant()
{
	sql -c "INSERT INTO assistants (account_id, external_id, name)
		SELECT id, '$2', 'Bot of $1' FROM accounts WHERE slug = '$1' RETURNING id"
}

# version ASSISTANT FILE: a final version with the prompt in that file; prints its id
version()
{
	sql -v assistant="$1" -v file="$2" <<-'END'
		\set prompt `cat :file; printf x`
		INSERT INTO prompt_versions (account_id, assistant_id, version, version_number, status,
		  prompt_content, prompt_hash, injection_content, injection_file_path, origin, created_by)
		SELECT s.account_id, s.id, 'v' || next.n, next.n, 'final', made.prompt,
		  encode(sha256(convert_to(made.prompt, 'UTF8')), 'hex'),
		  'export const prompt = ' || to_json(made.prompt)::text || E';\n', 'injection.ts', 'import', 'me'
		FROM assistants s
		CROSS JOIN LATERAL (SELECT left(:'prompt', -1) AS prompt) AS made
		CROSS JOIN LATERAL (SELECT 1 + coalesce(max(v.version_number), 0) AS n
		  FROM prompt_versions v WHERE v.assistant_id = s.id) AS next
		WHERE s.id = :'assistant' RETURNING id
	END
}

# deploy ASSISTANT ENVIRONMENT [VERSION]: puts it there; without a version what is there is withdrawn
deploy()
{
	sql -c "SELECT deployment_change(s.account_id, s.id, '$2', nullif('${3:-}', '')::uuid, NULL,
		NULL, false) FROM assistants s WHERE s.id = '$1'"
}
