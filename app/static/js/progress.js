/* Work in the background: its page is read again until it is over, and what is new is told. */

const ID = "progress-live";
const news = document.getElementById("progress-news");

/** What a screen reader is told of the page as it stands. */
function announced(place) {
  return (place.querySelector("[data-announce]") || place.querySelector(".alert"))?.textContent.trim() || "";
}

async function look() {
  const place = document.getElementById(ID);
  if (!place?.dataset.lookAgain) return;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(ID);
    if (answer.ok && fresh && !place.contains(document.activeElement)) {
      const told = announced(fresh);
      if (told !== announced(place)) news.textContent = told;
      place.replaceWith(fresh);
    }
  } catch {
    /* The next look may reach the house again. */
  }
  wait();
}

function wait() {
  const milliseconds = Number(document.getElementById(ID)?.dataset.lookAgain || 0);
  if (milliseconds) setTimeout(look, milliseconds);
}

wait();
