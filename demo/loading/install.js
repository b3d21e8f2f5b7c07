// The button that puts the page among the device's apps: only where the browser offers that.

export function install(announce) {
  const button = document.querySelector('#install');
  let offer = null;
  addEventListener('beforeinstallprompt', (event) => {
    event.preventDefault(); // the button asks in place of the browser
    offer = event;
    button.hidden = false;
  });
  button.addEventListener('click', async () => {
    const asked = offer;
    offer = null; // it can be used once
    button.hidden = true;
    await asked.prompt();
  });
  addEventListener('appinstalled', () => {
    button.hidden = true;
    announce('sotto is installed.');
  });
}
