// On a narrow window the contents begin closed. Without scripts they are simply open.
if (matchMedia("(max-width: 800px)").matches) document.querySelector(".menu").removeAttribute("open");
