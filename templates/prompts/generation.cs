Write the system prompt for the assistant of the briefing.

Work in this order, silently: decide what a customer wants most often and what could go wrong worst; sort the facts and rules; choose sections that cover all eleven standards; write; then read it once as a strict reviewer and repair what that reviewer would mark.

Answer with the system prompt alone, in Markdown, beginning with its first heading. No introduction, no explanation, no closing remark, and no code fence around it.
