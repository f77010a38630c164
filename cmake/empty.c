typedef int empty_layer; /* a folder whose first file is still to come */
