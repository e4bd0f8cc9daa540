// The code on a contract's last page, read by this tablet's camera where it can; else it is typed or pasted.
const form = document.querySelector("[data-scan]"), open = form.querySelector("[data-camera]"), seen = form.querySelector("video");
if ("BarcodeDetector" in window && navigator.mediaDevices?.getUserMedia) open.hidden = false;

open.addEventListener("click", async () => {
  let stream;
  try { stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }); }
  catch { open.hidden = true; return; } // no camera, or not allowed: the field is there
  const reader = new BarcodeDetector({ formats: ["qr_code"] });
  seen.srcObject = stream;
  seen.hidden = false;
  await seen.play();
  const look = async () => {
    const [found] = await reader.detect(seen).catch(() => []);
    if (!found) { requestAnimationFrame(look); return; }
    for (const track of stream.getTracks()) track.stop();
    form.elements.code.value = found.rawValue;
    form.requestSubmit();
  };
  look();
});
