// A field's corners, one tap at each: where the phone stands is written on a line of its own; typed ones stay.
const corners = document.querySelector("#f-parcel"), mark = document.querySelector("[data-mark]"), told = document.querySelector("[data-marked]");
const walk = mark.closest("[data-walk]");
if (navigator.geolocation) walk.hidden = false;

mark.addEventListener("click", () => {
  mark.disabled = true;
  navigator.geolocation.getCurrentPosition(({ coords }) => {
    corners.value = `${corners.value.trim()}\n${coords.longitude.toFixed(6)},${coords.latitude.toFixed(6)}`.trim();
    told.textContent = `${corners.value.split("\n").length} · ±${Math.round(coords.accuracy)} m`;
    mark.disabled = false;
  }, () => { walk.hidden = true; }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 }); // not allowed: type it
});
