// A page opened from another site comes without its cookie although the session is open; from here it has it.
const answer = await fetch("/api/session");
if (answer.ok) location.replace(`/${location.hash}`);
