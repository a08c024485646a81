console.info("visavis");
